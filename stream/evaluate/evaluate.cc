#include "stream/evaluate/evaluate.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "stream/assemble/request.h"
#include "stream/evaluate/evaluation_event.h"
#include "stream/evaluate/trace_text_reader.h"
#include "stream/publish/encoder.h"

namespace tidewatch {
namespace {

constexpr uint64_t kTimeSalt = 2;  ///< ranks that decide when one is judged
constexpr size_t kAtOnce = 256;    ///< requests whose texts are in memory at a time

Timestamp period_of(const v1::EvalRequest& request) { return Timestamp(Duration(request.period_unix_nano())); }

/// Where their spans and log events lie, each record once.
std::vector<RecordPosition> positions_of(const std::vector<const ChosenRequest*>& requests) {
  std::vector<RecordPosition> out;
  for (const ChosenRequest* chosen : requests)
    for (const auto& source : chosen->request.sources())
      out.push_back({source.topic(), source.partition(), source.offset()});
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool is_valid(const v1::EvalRequest& request) {
  return request.trace_id().size() == 16 && request.rate() >= 0 && request.rate() <= 1;
}

}  // namespace

Evaluate::Evaluate(EvaluateOptions options, Parts parts)
    : options_(std::move(options)), parts_(std::move(parts)), book_(options_.sampling) {}

Evaluate::~Evaluate() {
  if (parts_.judge) parts_.judge->forget(this);
}

bool Evaluate::is_over(const v1::EvalRequest& request) const {
  return after(after(period_of(request), options_.sampling.period), options_.wait) <= watermark_;
}

void Evaluate::on_record(const Record& record, Effects& out) {
  v1::EvalRequest request;
  if (!request.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) || !is_valid(request)) {
    out.count("bad_eval_requests");
    return out.dead_letter(record, {"bad_eval_request", "not an EvalRequest that this version understands"},
                           record.value);
  }
  if (!request.outside_sample() && is_over(request)) return out.count("late_eval_requests");
  offered_.try_emplace(period_of(request), record.offset);
  book_.offer(std::move(request));
}

void Evaluate::on_watermark(Timestamp watermark, Effects& out) {
  watermark_ = watermark;
  choose(out);
  const auto end = due_.upper_bound(watermark);
  while (due_.begin() != end) {
    auto to = due_.begin();
    for (size_t i = 0; i < kAtOnce && to != end; ++i) ++to;
    evaluate(due_.begin(), to, out);
    for (auto it = due_.begin(); it != to; ++it) offsets_.erase(offsets_.find(it->second.offset));
    due_.erase(due_.begin(), to);
  }
  if (parts_.judge) collect(out);
}

void Evaluate::choose(Effects& out) {
  if (watermark_ == kMinTimestamp) return;
  const Timestamp until = watermark_ == kMaxTimestamp ? kMaxTimestamp : watermark_ - options_.wait;
  for (SampledPeriod& period : book_.take(until)) {
    const auto offered = offered_.find(period.start);
    const int64_t offset = offered->second;
    offered_.erase(offered);
    if (period.over_budget > 0) out.count("over_budget_requests", {}, period.over_budget);
    const Timestamp left = after(after(period.start, options_.sampling.period), options_.wait);
    for (ChosenRequest& chosen : period.chosen) {
      const double part = chosen.probability ? sampling_rank(chosen.request.trace_id(), kTimeSalt) : 0;
      const auto wait = Duration(static_cast<int64_t>(part * static_cast<double>(options_.sampling.period.count())));
      due_.emplace(after(left, wait), Due{std::move(chosen), offset});
      offsets_.insert(offset);
    }
  }
}

void Evaluate::evaluate(DueOnes::iterator from, DueOnes::iterator to, Effects& out) {
  TraceTextReader reader(parts_.table, options_.traces_encoding, options_.logs_encoding);
  std::vector<const ChosenRequest*> requests;
  for (auto it = from; it != to; ++it) {
    requests.push_back(&it->second.chosen);
    reader.want(requests.back()->request.trace_id());
  }
  std::set<RecordPosition> found;
  const auto read = parts_.lookup->read(positions_of(requests), [&](const RecordPosition& at, std::string_view value) {
    found.insert(at);
    if (at.topic == options_.logs_topic)
      reader.read_logs(value);
    else
      reader.read_traces(value);
  });
  for (auto it = from; it != to; ++it) {
    const v1::EvalRequest& request = it->second.chosen.request;
    const auto& sources = request.sources();
    const bool is_there = std::any_of(sources.begin(), sources.end(), [&](const v1::Source& source) {
      return found.contains({source.topic(), source.partition(), source.offset()});
    });
    if (is_there)
      judge(it->second, reader.of(request.trace_id()), out);
    else
      out.count(read ? "missing_texts" : "unread_texts");
  }
}

void Evaluate::judge(const Due& due, const TraceTexts& texts, Effects& out) {
  const ChosenRequest& chosen = due.chosen;
  const auto answered = texts.answered();
  if (!answered) return out.count("unanswered_requests");
  out.count("evaluated_requests");
  const auto labels = labels_of(chosen.request);
  for (const auto& [rule, found] : parts_.validators->check(reviewed(*answered), labels)) {
    if (!found.is_applicable()) {
      out.count("not_applicable", rule->name);
      continue;
    }
    out.count("validations", rule->name);
    emit(evaluation_event(chosen, *rule, found, std::nullopt), out);
  }
  if (!parts_.judge) return;
  const std::pair key(chosen.request.trace_id(), chosen.probability.has_value());
  if (pending_.contains(key)) return;  // a report that came twice
  const size_t left = parts_.judge->submit(this, *answered, labels, chosen);
  if (left == 0) return;
  pending_.emplace(key, Pending{due.offset, left});
  offsets_.insert(due.offset);
}

void Evaluate::collect(Effects& out) {
  for (const JudgedAnswer& judged : parts_.judge->collect(this)) {
    if (judged.unjudged.empty()) {
      out.count("judgements", judged.judge);
      emit(judged.event, out);
    } else {
      out.count("unjudged", judged.unjudged);
    }
    const auto pending = pending_.find({judged.trace_id, judged.is_counted});
    if (pending == pending_.end() || --pending->second.left > 0) continue;
    offsets_.erase(offsets_.find(pending->second.offset));
    pending_.erase(pending);
  }
}

void Evaluate::emit(const v1::EvaluationEvent& event, Effects& out) const {
  const std::vector<Header> headers{{"content-type", content_type(options_.format)}};
  out.emit(Stream::evaluations, event.trace_id(), encode(event, options_.format), headers);
}

int64_t Evaluate::needed_from() const {
  int64_t out = offsets_.empty() ? kNothingNeeded : *offsets_.begin();
  for (const auto& [period, offset] : offered_) out = std::min(out, offset);
  return out;
}

}  // namespace tidewatch
