#include "stream/assemble/session_book.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "stream/assemble/request.h"
#include "stream/assemble/source_order.h"
#include "stream/ingest/session_request.h"
#include "stream/runtime/stage.h"

namespace tidewatch {
namespace {

Timestamp from_nanos(int64_t nanos) { return Timestamp(Duration(nanos)); }

Timestamp time_of(const SessionBook::Finding& finding) {
  return std::visit([](const auto& facts) { return from_nanos(facts.time_unix_nano()); }, finding);
}
const std::string& id_of(const SessionBook::Finding& finding) {
  return std::visit([](const auto& facts) -> const std::string& { return facts.id(); }, finding);
}

template <typename Set, typename Value>
void erase_one(Set& set, const Value& value) {
  set.erase(set.find(value));
}

}  // namespace

void SessionBook::add(const v1::Fragment& fragment, int64_t offset, Timestamp watermark) {
  if (!fragment.requests().empty()) {
    const auto at = sessions_.try_emplace(fragment.session()).first;
    for (const auto& said : fragment.requests()) add_request(at->second, said, fragment.source(), offset);
    schedule(at->first, at->second);
  }
  size_t place = 0;
  const auto wait_for = [&](Finding finding) {
    const Timestamp time = time_of(finding);
    // As for a trace: what is behind the watermark is late already, and nobody waits for it.
    const Timestamp hold = time >= watermark ? time : kMaxTimestamp;
    if (hold != kMaxTimestamp) holds_.insert(hold);
    offsets_.insert(offset);
    WaitingKey key{after(time, options_.wait), id_of(finding), offset, place++};
    waiting_.emplace(std::move(key), Waiting{fragment.session(), std::move(finding), offset, hold});
  };
  for (const auto& feedback : fragment.feedback()) wait_for(feedback);
  for (const auto& evaluation : fragment.evaluations()) wait_for(evaluation);
}

void SessionBook::add_request(Session& session, const v1::SessionRequest& said, const v1::Source& source,
                              int64_t offset) {
  auto& requests = session.requests;
  // Mostly of one of the last.
  const auto known = std::find_if(requests.rbegin(), requests.rend(),
                                  [&](const Request& one) { return one.trace_id == said.trace_id(); });
  Request request;
  v1::SessionRequest merged = said;
  if (known == requests.rend()) {
    request.trace_id = said.trace_id();
    request.source = source;
    request.offset = offset;
    offsets_.insert(offset);
  } else {
    request = std::move(*known);
    requests.erase(std::next(known).base());
    merged.ParseFromString(request.said);
    merge(merged, said);
    if (comes_before(source, request.source)) request.source = source;
  }
  request.start = from_nanos(merged.start_unix_nano());
  request.is_genai = merged.is_genai();
  request.said = merged.SerializeAsString();
  request.expires_at =
      after(from_nanos(merged.end_unix_nano()), request.is_genai ? options_.keep : options_.keep_plain);
  const auto place = std::upper_bound(
      requests.begin(), requests.end(), request,
      [](const Request& a, const Request& b) { return std::tie(a.start, a.trace_id) < std::tie(b.start, b.trace_id); });
  requests.insert(place, std::move(request));
  if (requests.size() <= kMostRequests) return;
  erase_one(offsets_, requests.front().offset);
  requests.erase(requests.begin());
}

void SessionBook::schedule(const std::string& name, Session& session) {
  expiring_sessions_.erase({session.expires_at, &name});
  if (session.requests.empty()) return;
  const auto first = std::min_element(session.requests.begin(), session.requests.end(),
                                      [](const Request& a, const Request& b) { return a.expires_at < b.expires_at; });
  session.expires_at = first->expires_at;
  expiring_sessions_.emplace(session.expires_at, &name);
}

const SessionBook::Request* SessionBook::asked_last(const std::string& session, Timestamp time, Timestamp due) const {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return nullptr;
  const auto& requests = found->second.requests;
  // By event times alone, so that it does not matter in which steps the watermark came here.
  const auto asked = std::find_if(requests.rbegin(), requests.rend(), [&](const Request& request) {
    return request.is_genai && request.start <= time && request.expires_at > due;
  });
  return asked == requests.rend() ? nullptr : &*asked;
}

void SessionBook::decide(const Waiting& waiting, Timestamp due, Kept& kept) const {
  // A replay decides among the same requests, with all that was said of each: one that began early must not seem to
  // have begun with what was said of it later.
  if (const auto found = sessions_.find(waiting.session); found != sessions_.end())
    for (const Request& request : found->second.requests)
      if (request.expires_at > due) kept.offset = std::min(kept.offset, request.offset);
  const Request* asked = asked_last(waiting.session, time_of(waiting.finding), due);
  if (asked == nullptr) return;
  v1::SessionRequest said;
  said.ParseFromString(asked->said);
  Join& join = kept.join;
  for (const auto& label : said.labels()) join.labels.set(label.name(), label.value());
  join.labels.set("session", waiting.session);
  join.labels.set("model", said.model());
  join.exemplar.trace_id = asked->trace_id;
  join.exemplar.topic = asked->source.topic();
  join.exemplar.partition = asked->source.partition();
  join.exemplar.offset = asked->source.offset();
}

SessionBook::Kept& SessionBook::join_of(const Waiting& waiting, Timestamp due) {
  const auto [at, is_new] = kept_.try_emplace({waiting.session, waiting.finding.index(), id_of(waiting.finding)});
  Kept& kept = at->second;
  bool is_fresh = is_new;
  if (!is_new) {
    expiring_kept_.erase({kept.expires_at, &at->first});
    if (kept.expires_at <= due) {
      erase_one(offsets_, kept.offset);
      kept = {};
      is_fresh = true;
    }
  }
  if (is_fresh) {
    kept.offset = waiting.offset;
    decide(waiting, due, kept);
    offsets_.insert(kept.offset);
  }
  kept.expires_at = std::max(kept.expires_at, after(time_of(waiting.finding), options_.keep));
  expiring_kept_.emplace(kept.expires_at, &at->first);
  return kept;
}

void SessionBook::on_watermark(Timestamp watermark, const Count& count) {
  while (!waiting_.empty() && std::get<0>(waiting_.begin()->first) <= watermark) {
    const Waiting waiting = std::move(waiting_.begin()->second);
    const Timestamp due = std::get<0>(waiting_.begin()->first);
    waiting_.erase(waiting_.begin());
    if (waiting.hold != kMaxTimestamp) erase_one(holds_, waiting.hold);
    count(join_of(waiting, due).join, waiting.finding);
    erase_one(offsets_, waiting.offset);
  }
  expire(watermark);
}

void SessionBook::expire(Timestamp watermark) {
  while (!expiring_sessions_.empty() && expiring_sessions_.begin()->first <= watermark) {
    const auto at = sessions_.find(*expiring_sessions_.begin()->second);
    std::erase_if(at->second.requests, [&](const Request& request) {
      if (request.expires_at > watermark) return false;
      erase_one(offsets_, request.offset);
      return true;
    });
    schedule(at->first, at->second);
    if (at->second.requests.empty()) sessions_.erase(at);
  }
  while (!expiring_kept_.empty() && expiring_kept_.begin()->first <= watermark) {
    const auto kept = kept_.find(*expiring_kept_.begin()->second);
    expiring_kept_.erase(expiring_kept_.begin());
    erase_one(offsets_, kept->second.offset);
    kept_.erase(kept);
  }
}

int64_t SessionBook::oldest_offset() const { return offsets_.empty() ? kNothingNeeded : *offsets_.begin(); }

Timestamp SessionBook::oldest_hold() const { return holds_.empty() ? kMaxTimestamp : *holds_.begin(); }

}  // namespace tidewatch
