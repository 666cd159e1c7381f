#include "tests/sim/flow_traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "stream/publish/timestamps.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {
namespace {

// In minutes.
constexpr int kNewModel = 6;
constexpr int kOutageStart = 9;
constexpr int kOutageEnd = 12;
constexpr int kQuiet = 10;  ///< after the last request: every window closes, every alert resolves

class Sender {
 public:
  Sender(uint64_t seed, bool has_duplicates) : random_(seed), again_(~seed), has_duplicates_(has_duplicates) {}

  uint64_t pick(uint64_t below) { return random_() % below; }
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }

  void send(const std::string& trace, v1::Fragment fragment, Timestamp time) {
    fragment.set_trace_id(trace);
    fragment.mutable_source()->set_topic("otlp_spans");
    fragment.mutable_source()->set_partition(static_cast<int32_t>(pick(kFlowSources)));
    fragment.mutable_source()->set_offset(next_offset_++);
    append(fragment, time, fragment.source().partition(), uniform());
    if (!has_duplicates_ || again_() % 3 != 0) return;
    // Sent again by a collector that did not hear the answer: elsewhere, in another message.
    fragment.mutable_source()->set_offset(fragment.source().offset() + 1'000'000);
    fragment.mutable_source()->set_partition(kFlowSources);
    append(fragment, time, static_cast<int32_t>(again_() % kFlowSources), static_cast<double>(again_() % 1000) / 1000);
  }

  std::vector<SentFragment> sorted() && {
    std::stable_sort(sent_.begin(), sent_.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
    return std::move(sent_);
  }

 private:
  void append(const v1::Fragment& fragment, Timestamp time, int32_t partition, double delay) {
    const auto by = Duration(static_cast<int64_t>(delay * static_cast<double>(kOutOfOrder.count())));
    sent_.push_back({time, time + by, partition, fragment.trace_id(), fragment.SerializeAsString()});
  }

  std::mt19937_64 random_;
  std::mt19937_64 again_;  // of its own, so that duplicates change nothing else
  bool has_duplicates_;
  int64_t next_offset_ = 0;
  std::vector<SentFragment> sent_;
};

v1::SpanFacts span(std::string_view id, std::string_view parent, Timestamp start, Timestamp end, v1::Operation what) {
  v1::SpanFacts out;
  out.set_span_id(std::string(id));
  out.set_parent_span_id(std::string(parent));
  out.set_start_unix_nano(start.time_since_epoch().count());
  out.set_end_unix_nano(end.time_since_epoch().count());
  out.set_operation(what);
  return out;
}

void label(v1::SpanFacts& facts, std::string_view name, std::string_view value) {
  auto* row = facts.add_labels();
  row->set_name(std::string(name));
  row->set_value(std::string(value));
}

Duration seconds(double value) { return Duration(static_cast<int64_t>(value * 1e9)); }

void send_feedback(Sender& sender, const std::string& trace, Timestamp after) {
  v1::FeedbackFacts vote;
  vote.set_id("f-" + trace);
  vote.set_positive(sender.pick(3) != 0);
  const Timestamp at = after + seconds(sender.uniform() * 100);
  const auto send = [&](v1::FeedbackOp op, Timestamp time) {
    vote.set_op(op);
    vote.set_time_unix_nano(time.time_since_epoch().count());
    v1::Fragment fragment;
    *fragment.add_feedback() = vote;
    sender.send(trace, fragment, time);
  };
  send(v1::FEEDBACK_OP_CREATE, at);
  const Timestamp pane_end = align_down(at, std::chrono::minutes(1)) + std::chrono::minutes(1);
  if (sender.pick(3) != 0 || pane_end - at < seconds(1)) return;
  vote.set_positive(!vote.positive());
  send(v1::FEEDBACK_OP_UPDATE, at + (pane_end - at) / 2);
  if (sender.pick(2) == 0) send(v1::FEEDBACK_OP_WITHDRAW, pane_end - seconds(0.1));
}

void send_request(Sender& sender, const std::string& trace, const std::string& service, Timestamp start, bool is_outage,
                  bool is_new_model) {
  const Timestamp end = start + seconds(0.5 + 2.5 * sender.uniform());
  const bool has_root = sender.pick(12) != 0;
  std::vector<v1::SpanFacts> spans;
  if (has_root) {
    auto& root = spans.emplace_back(span("root", "", start, end, v1::OPERATION_SERVER));
    label(root, "service", service);
    label(root, "endpoint", "/chat");
    const uint64_t user = sender.pick(20);
    label(root, "user", fmt::format("u{}", user));
    label(root, "session", fmt::format("c{}", user % 6));
  }
  auto& agent = spans.emplace_back(span("agent", "root", start, end - seconds(0.1), v1::OPERATION_AGENT));
  agent.set_input_tokens(300);  // restates its calls
  for (uint64_t i = 0; i <= sender.pick(2); ++i) {
    auto& call = spans.emplace_back(span(fmt::format("call{}", i), "agent", start,
                                         end - seconds(0.2 + 0.1 * static_cast<double>(i)), v1::OPERATION_LLM));
    if (!has_root) label(call, "service", service);
    call.set_provider("openai");
    call.set_request_model(is_new_model ? "gpt-y" : "gpt-x");
    call.set_input_tokens(100 + sender.pick(200));
    call.set_output_tokens(1 + sender.pick(50));
    call.set_time_to_first_token_nano(static_cast<int64_t>(1e8 + 1e8 * sender.uniform()));
    if (is_outage) {
      call.set_error(true);
      call.set_error_kind("server_error");
    } else {
      call.mutable_signals()->set_output_chars(static_cast<uint32_t>(sender.pick(500)));
      call.mutable_signals()->set_question_fingerprint(uint64_t{0xFFFF} << (16 * sender.pick(3)));
      call.mutable_signals()->set_refusal(sender.pick(20) == 0);
    }
  }
  // Split over messages, in no order.
  while (!spans.empty()) {
    v1::Fragment fragment;
    Timestamp time = kMinTimestamp;
    for (uint64_t n = 1 + sender.pick(3); n > 0 && !spans.empty(); --n) {
      const auto at = spans.begin() + static_cast<std::ptrdiff_t>(sender.pick(spans.size()));
      time = std::max(time, Timestamp(Duration(at->end_unix_nano())));
      *fragment.add_spans() = *at;
      spans.erase(at);
    }
    sender.send(trace, fragment, time);
  }
  if (sender.pick(4) == 0) send_feedback(sender, trace, end);
  if (sender.pick(6) == 0) {
    v1::EvaluationFacts evaluation;
    evaluation.set_id("e-" + trace);
    evaluation.set_name("relevance");
    evaluation.set_score(sender.uniform());
    evaluation.set_inclusion_probability(0.25);
    const Timestamp at = end + seconds(sender.uniform() * 60);
    evaluation.set_time_unix_nano(at.time_since_epoch().count());
    v1::Fragment fragment;
    *fragment.add_evaluations() = evaluation;
    sender.send(trace, fragment, at);
  }
}

}  // namespace

std::vector<SentFragment> flow_traffic(uint64_t seed, const FlowTraffic& traffic) {
  Sender sender(seed, traffic.has_duplicates);
  for (int minute = 0; minute < traffic.minutes; ++minute)
    for (int service = 0; service < traffic.services; ++service) {
      const bool is_outage = service == 0 && minute >= kOutageStart && minute < kOutageEnd;
      const bool is_surge = traffic.has_surges && (minute / 3 + service) % 5 == 0;
      for (uint64_t i = 0, n = (is_surge ? 12 : traffic.has_surges ? 0 : 3) + sender.pick(3); i < n; ++i) {
        const Timestamp start = kFlowStart + std::chrono::minutes(minute) + seconds(sender.uniform() * 60);
        const std::string trace = fmt::format("trace{:03}{:03}{:05}", minute, service, i);
        send_request(sender, trace, fmt::format("s{}", service), start, is_outage,
                     minute >= kNewModel && sender.pick(2) == 0);
      }
    }
  return std::move(sender).sorted();
}

std::string announced_launch() {
  v1::Fragment out;
  auto& command = *out.mutable_command();
  command.set_id("launch");
  *command.mutable_at() = to_proto(kFlowStart);
  auto* matcher = command.mutable_expect()->add_matchers();
  matcher->set_name("service");
  matcher->set_value("s1");
  *command.mutable_expect()->mutable_from() = to_proto(kFlowStart + std::chrono::minutes(3));
  *command.mutable_expect()->mutable_until() = to_proto(kFlowStart + std::chrono::minutes(5));
  return out.SerializeAsString();
}

std::string ordered_drill() {
  v1::Fragment out;
  auto& command = *out.mutable_command();
  command.set_id("drill");
  *command.mutable_at() = to_proto(kFlowStart);
  command.mutable_rollout()->set_name("by-session");
  command.mutable_rollout()->set_action("drill");
  return out.SerializeAsString();
}

Timestamp flow_end(const FlowTraffic& traffic) { return kFlowStart + std::chrono::minutes(traffic.minutes + kQuiet); }

}  // namespace tidewatch
