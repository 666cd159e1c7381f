#include "stream/ingest/findings/own_events.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <limits>

#include "tidewatch/v1/evaluation.pb.h"
#include "tidewatch/v1/feedback.pb.h"

namespace tidewatch {
namespace {

template <typename Event>
Result<Event> from_json(std::string_view json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  Event event;
  const auto status = google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &event, options);
  if (!status.ok())
    return Error{"bad_event", fmt::format("not a {}: {}", Event::descriptor()->name(), status.message().ToString())};
  return event;
}

template <typename Event>
Result<Event> from_protobuf(std::string_view bytes) {
  Event event;
  if (bytes.size() > std::numeric_limits<int>::max() ||
      !event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Error{"bad_event", fmt::format("not a {} in protobuf", Event::descriptor()->name())};
  return event;
}

/// What both events have.
template <typename Event>
Result<Finding> common_of(const Event& event) {
  Finding out;
  out.id = event.id();
  if (event.has_time()) {
    const auto time = to_timestamp(event.time());
    if (!time) return time.error();
    out.time = *time;
  }
  if (!event.trace_id().empty()) {
    auto id = parse_trace_id(event.trace_id());
    if (!id) return id.error();
    out.trace_id = std::move(id).value();
  }
  if (!event.span_id().empty()) {
    auto id = parse_span_id(event.span_id());
    if (!id) return id.error();
    out.span_id = std::move(id).value();
  }
  out.session = event.session();
  out.name = event.name();
  if (event.has_score()) out.score = event.score();
  if (event.has_score_min() != event.has_score_max())
    return Error{"bad_range", "score_min and score_max must be set together"};
  if (event.has_score_min()) out.range = ScoreRange{event.score_min(), event.score_max()};
  set_label_or_comment(out, event.label());
  for (const auto& [name, value] : event.labels()) out.labels.emplace_back(name, value);
  std::sort(out.labels.begin(), out.labels.end());  // a map has no order of its own
  return out;
}

Result<v1::FeedbackOp> op_of(std::string_view name) {
  if (name.empty() || name == "create") return v1::FEEDBACK_OP_CREATE;
  if (name == "update") return v1::FEEDBACK_OP_UPDATE;
  if (name == "withdraw") return v1::FEEDBACK_OP_WITHDRAW;
  return Error{"bad_op", fmt::format("op \"{}\" must be create, update or withdraw", name.substr(0, 40))};
}

Result<Finding> finding_of(const v1::FeedbackEvent& event) {
  auto out = common_of(event);
  if (!out) return out;
  const auto op = op_of(event.op());
  if (!op) return op.error();
  out->op = *op;
  if (*op != v1::FEEDBACK_OP_CREATE && event.id().empty())
    return Error{"missing_id", fmt::format("an {} must name the id of the feedback it is about", event.op())};
  if (!event.thumb().empty()) {
    if (event.thumb() != "up" && event.thumb() != "down")
      return Error{"bad_thumb", fmt::format("thumb \"{}\" must be up or down", event.thumb().substr(0, 40))};
    out->yes = event.thumb() == "up";
    out->is_thumb = true;
  }
  out->has_comment = out->has_comment || !event.comment().empty();
  out->source = event.source();
  return out;
}

Result<Finding> finding_of(const v1::EvaluationEvent& event) {
  auto out = common_of(event);
  if (!out) return out;
  if (event.has_passed()) out->passed = event.passed();
  out->has_comment = out->has_comment || !event.explanation().empty();
  out->evaluator = event.evaluator();
  if (event.has_inclusion_probability()) out->inclusion_probability = event.inclusion_probability();
  return out;
}

template <typename Event>
Result<Finding> read(Result<Event> event) {
  if (!event) return event.error();
  return finding_of(*event);
}

}  // namespace

Result<Timestamp> to_timestamp(const google::protobuf::Timestamp& time) {
  constexpr int64_t kNanosPerSecond = 1'000'000'000;
  constexpr int64_t kLimit = std::numeric_limits<int64_t>::max() / kNanosPerSecond;
  if (time.seconds() >= kLimit || time.seconds() <= -kLimit || time.nanos() < 0 || time.nanos() >= kNanosPerSecond)
    return Error{"bad_time", fmt::format("the time {} s is out of range (years 1677 to 2262)", time.seconds())};
  return Timestamp(Duration(time.seconds() * kNanosPerSecond + time.nanos()));
}

Result<Finding> read_feedback_json(std::string_view json) { return read(from_json<v1::FeedbackEvent>(json)); }
Result<Finding> read_feedback_protobuf(std::string_view bytes) { return read(from_protobuf<v1::FeedbackEvent>(bytes)); }
Result<Finding> read_evaluation_json(std::string_view json) { return read(from_json<v1::EvaluationEvent>(json)); }
Result<Finding> read_evaluation_protobuf(std::string_view bytes) {
  return read(from_protobuf<v1::EvaluationEvent>(bytes));
}

}  // namespace tidewatch
