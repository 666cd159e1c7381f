#include "stream/assemble/session_book.h"

#include <algorithm>

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
  for (const auto& said : fragment.requests()) add_request(fragment.session(), said, fragment.source(), offset);
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

void SessionBook::add_request(const std::string& session, const v1::SessionRequest& said, const v1::Source& source,
                              int64_t offset) {
  const auto [at, is_new] = requests_.try_emplace({session, said.trace_id()});
  Request& request = at->second;
  v1::SessionRequest merged = said;
  if (is_new) {
    request.source = source;
    request.offset = offset;
    offsets_.insert(offset);
  } else {
    merged.ParseFromString(request.said);
    merge(merged, said);
    if (comes_before(source, request.source)) request.source = source;
    expiring_requests_.erase({request.expires_at, &at->first});
  }
  request.start = from_nanos(merged.start_unix_nano());
  request.is_genai = merged.is_genai();
  request.said = merged.SerializeAsString();
  request.expires_at =
      after(from_nanos(merged.end_unix_nano()), request.is_genai ? options_.keep : options_.keep_plain);
  expiring_requests_.emplace(request.expires_at, &at->first);
}

const std::pair<const SessionBook::RequestKey, SessionBook::Request>* SessionBook::asked_last(
    const std::string& session, Timestamp time, Timestamp due) const {
  const std::pair<const RequestKey, Request>* out = nullptr;
  for (auto at = requests_.lower_bound({session, ""}); at != requests_.end() && at->first.first == session; ++at) {
    const Request& request = at->second;
    // By event times alone, so that it does not matter in which steps the watermark came here.
    if (!request.is_genai || request.start > time || request.expires_at <= due) continue;
    if (out == nullptr || out->second.start <= request.start) out = &*at;
  }
  return out;
}

void SessionBook::decide(const Waiting& waiting, Timestamp due, Kept& kept) const {
  const auto* asked = asked_last(waiting.session, time_of(waiting.finding), due);
  if (asked == nullptr) return;
  const auto& [key, request] = *asked;
  kept.offset = std::min(kept.offset, request.offset);
  v1::SessionRequest said;
  said.ParseFromString(request.said);
  Join& join = kept.join;
  for (const auto& label : said.labels()) join.labels.set(label.name(), label.value());
  join.labels.set("session", waiting.session);
  join.labels.set("model", said.model());
  join.exemplar.trace_id = key.second;
  join.exemplar.topic = request.source.topic();
  join.exemplar.partition = request.source.partition();
  join.exemplar.offset = request.source.offset();
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
  while (!expiring_requests_.empty() && expiring_requests_.begin()->first <= watermark) {
    const auto request = requests_.find(*expiring_requests_.begin()->second);
    expiring_requests_.erase(expiring_requests_.begin());
    erase_one(offsets_, request->second.offset);
    requests_.erase(request);
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
