#include "tests/sim/otlp_traffic.h"

#include <absl/strings/escaping.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>
#include <variant>

#include "app/files/otlp_json_text.h"
#include "app/gen/trace/span_text.h"
#include "detectors/sketch/distinct.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {
namespace {

constexpr size_t kSpanIdBytes = 8;
constexpr size_t kMaxBatch = 4;  ///< fragments in a message
constexpr std::array<std::string_view, 4> kSentences = {
    "Your parcel left our warehouse this morning and arrives within two days. ",
    "You find the invoice in your account under orders, and can print it there. ",
    "Please hold the button for five seconds until the light turns green. ",
    "The warranty covers the battery for one year after the day you bought it. "};

/// What is not OTLP: events of people and judges, one record each.
struct Event {
  Stream stream;
  nlohmann::json body;
};
using Content = std::variant<otlp::v1::ResourceSpans, otlp::v1::ResourceLogs, Event>;

/// A part of a message.
struct Piece {
  Timestamp time;   ///< latest event time in it
  Timestamp order;  ///< when it is ready to be sent
  std::string trace;
  Content content;
};

Stream stream_of(const Content& content) {
  if (std::holds_alternative<otlp::v1::ResourceSpans>(content)) return Stream::traces;
  if (std::holds_alternative<otlp::v1::ResourceLogs>(content)) return Stream::logs;
  return std::get<Event>(content).stream;
}

/// As long as an id is in OTLP, and like there of one span in the world.
std::string span_id(std::string_view trace, std::string_view name) {
  if (name.empty()) return {};
  const uint64_t hash = hash_key(std::string(trace) + "/" + std::string(name));
  std::string out(kSpanIdBytes, '\0');
  for (size_t i = 0; i < kSpanIdBytes; ++i) out[i] = static_cast<char>(hash >> (8 * i));
  return out;
}

/// Requests of several services share one.
std::string session_of(std::string_view trace) { return fmt::format("session {}", hash_key(trace) % 9); }

std::string hex(std::string_view bytes) {
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

std::string rfc3339(int64_t nano) {
  const Timestamp time{Duration(nano)};
  return fmt::format("{:%FT%T}Z", std::chrono::time_point_cast<std::chrono::nanoseconds>(time));
}

/// "trace" + minute + service + number: the service is part of the id (flow_traffic.cc).
std::string service_of(std::string_view trace) {
  return fmt::format("s{}", std::stoi(std::string(trace.substr(8, 3))));
}

otlp::v1::Resource resource_of(std::string_view trace) {
  otlp::v1::Resource out;
  gen::set(*out.mutable_attributes(), "service.name", service_of(trace));
  return out;
}

std::string answer_of(const v1::TextSignals& signals) {
  if (signals.refusal()) return "I'm sorry, but I can't help with that.";
  std::string out;
  for (uint32_t i = 0; i * 100 < signals.output_chars(); ++i)
    out += kSentences[(i + signals.output_chars()) % kSentences.size()];
  return out;
}

/// Writes the fragments of flow_traffic() as what a service would have sent.
class Rewriter {
 public:
  explicit Rewriter(uint64_t seed) : random_(seed * 2654435761U + 1) {}

  uint64_t pick(uint64_t below) { return random_() % below; }

  std::vector<Piece> rewrite(const SentFragment& sent) {
    v1::Fragment fragment;
    fragment.ParseFromString(sent.value);
    std::vector<Piece> out;
    const auto add = [&](Content content) {
      out.push_back({sent.time, sent.order, fragment.trace_id(), std::move(content)});
    };
    otlp::v1::ResourceSpans spans;
    otlp::v1::ResourceLogs logs;
    for (const auto& facts : fragment.spans())
      add_span(fragment.trace_id(), facts,
               *(spans.scope_spans().empty() ? spans.add_scope_spans() : spans.mutable_scope_spans(0)), logs);
    for (const auto& vote : fragment.feedback()) add(feedback(fragment.trace_id(), vote));
    for (const auto& evaluation : fragment.evaluations()) {
      if (pick(2) == 0)
        add_evaluation(fragment.trace_id(), evaluation, logs);
      else
        add(evaluation_event(fragment.trace_id(), evaluation));
    }
    if (!spans.scope_spans().empty()) {
      *spans.mutable_resource() = resource_of(fragment.trace_id());
      add(std::move(spans));
    }
    if (!logs.scope_logs().empty()) {
      *logs.mutable_resource() = resource_of(fragment.trace_id());
      add(std::move(logs));
    }
    return out;
  }

 private:
  void add_span(const std::string& trace, const v1::SpanFacts& facts, otlp::v1::ScopeSpans& into,
                otlp::v1::ResourceLogs& logs) {
    auto& span = *into.add_spans();
    span.set_trace_id(trace);
    span.set_span_id(span_id(trace, facts.span_id()));
    span.set_parent_span_id(span_id(trace, facts.parent_span_id()));
    span.set_start_time_unix_nano(static_cast<uint64_t>(facts.start_unix_nano()));
    span.set_end_time_unix_nano(static_cast<uint64_t>(facts.end_unix_nano()));
    auto& to = *span.mutable_attributes();
    gen::set(to, "session.id", std::string_view(session_of(trace)));
    switch (facts.operation()) {
      case v1::OPERATION_SERVER:
        span.set_name("POST /chat");
        span.set_kind(otlp::v1::Span::SPAN_KIND_SERVER);
        gen::set(to, "http.route", "/chat");
        for (const auto& label : facts.labels())
          if (label.name() == "user") gen::set(to, "user.id", std::string_view(label.value()));
        break;
      case v1::OPERATION_AGENT:
        span.set_name("invoke_agent helper");
        gen::set(to, "gen_ai.operation.name", "invoke_agent");
        gen::set(to, "gen_ai.agent.name", "helper");
        gen::set(to, "gen_ai.usage.input_tokens", static_cast<int64_t>(facts.input_tokens()));
        break;
      default:
        add_call(facts, span, logs);
    }
  }

  void add_call(const v1::SpanFacts& facts, otlp::v1::Span& span, otlp::v1::ResourceLogs& logs) {
    span.set_name("chat " + facts.request_model());
    span.set_kind(otlp::v1::Span::SPAN_KIND_CLIENT);
    auto& to = *span.mutable_attributes();
    gen::set(to, "gen_ai.operation.name", "chat");
    gen::set(to, "gen_ai.provider.name", std::string_view(facts.provider()));
    gen::set(to, "gen_ai.request.model", std::string_view(facts.request_model()));
    gen::set(to, "gen_ai.usage.input_tokens", static_cast<int64_t>(facts.input_tokens()));
    gen::set(to, "gen_ai.usage.output_tokens", static_cast<int64_t>(facts.output_tokens()));
    gen::set(to, "gen_ai.response.time_to_first_chunk", static_cast<double>(facts.time_to_first_token_nano()) / 1e9);
    if (facts.error()) {
      gen::set(to, "error.type", "InternalServerError");
      span.mutable_status()->set_code(otlp::v1::Status::STATUS_CODE_ERROR);
      return;
    }
    const std::string answer = gen::output_message(answer_of(facts.signals()), "stop");
    if (pick(4) != 0) {
      gen::set(to, "gen_ai.output.messages", std::string_view(answer));
      return;
    }
    auto& log = add_log(span.trace_id(), span.span_id(), facts.end_unix_nano(), logs);
    log.set_event_name("gen_ai.client.inference.operation.details");
    gen::set(*log.mutable_attributes(), "gen_ai.output.messages", std::string_view(answer));
  }

  static otlp::v1::LogRecord& add_log(const std::string& trace, const std::string& span, int64_t nano,
                                      otlp::v1::ResourceLogs& logs) {
    auto& scope = *(logs.scope_logs().empty() ? logs.add_scope_logs() : logs.mutable_scope_logs(0));
    auto& log = *scope.add_log_records();
    log.set_trace_id(trace);
    log.set_span_id(span);
    log.set_time_unix_nano(static_cast<uint64_t>(nano));
    return log;
  }

  static void add_evaluation(const std::string& trace, const v1::EvaluationFacts& facts, otlp::v1::ResourceLogs& logs) {
    auto& log = add_log(trace, span_id(trace, "call0"), facts.time_unix_nano(), logs);
    log.set_event_name("gen_ai.evaluation.result");
    auto& to = *log.mutable_attributes();
    gen::set(to, "gen_ai.evaluation.name", std::string_view(facts.name()));
    gen::set(to, "gen_ai.evaluation.score.value", facts.score());
  }

  static Event feedback(const std::string& trace, const v1::FeedbackFacts& vote) {
    static const std::map<v1::FeedbackOp, std::string> kOps = {
        {v1::FEEDBACK_OP_CREATE, "create"}, {v1::FEEDBACK_OP_UPDATE, "update"}, {v1::FEEDBACK_OP_WITHDRAW, "withdraw"}};
    Event out{Stream::feedback,
              {{"id", vote.id()},
               {"op", kOps.at(vote.op())},
               {"time", rfc3339(vote.time_unix_nano())},
               {"thumb", vote.positive() ? "up" : "down"}}};
    // Whatever is said of one vote names the same.
    switch (hash_key(vote.id()) % 4) {
      case 0:
        out.body["span_id"] = hex(span_id(trace, "agent"));
        break;
      case 1:
        out.body["session"] = session_of(trace);
        break;
      default:
        out.body["trace_id"] = hex(trace);
    }
    return out;
  }

  static Event evaluation_event(const std::string& trace, const v1::EvaluationFacts& facts) {
    return {Stream::evaluations,
            {{"id", facts.id()},
             {"time", rfc3339(facts.time_unix_nano())},
             {"trace_id", hex(trace)},
             {"name", facts.name()},
             {"score", facts.score()},
             {"inclusion_probability", facts.inclusion_probability()}}};
  }

  std::mt19937_64 random_;
};

template <typename Message>
std::string encoded(const Message& message, bool is_json) {
  if (!is_json) return message.SerializeAsString();
  std::string out;
  append_otlp_json(message, out);
  return out;
}

/// Pieces of one stream and partition into messages, and among them what cannot be read.
class Batcher {
 public:
  Batcher(Rewriter& random, Stream stream, int32_t partition)
      : random_(random), stream_(stream), partition_(partition) {}

  void add(Piece piece) {
    const bool is_event = stream_ == Stream::feedback || stream_ == Stream::evaluations;
    // What waits longer than sources may be out of order would be late for itself.
    if (!waiting_.empty() && (is_event || waiting_.size() >= size_ || piece.order > first_time_ + kOutOfOrder)) flush();
    if (waiting_.empty()) {
      first_time_ = piece.time;
      size_ = 1 + random_.pick(kMaxBatch);
    }
    first_time_ = std::min(first_time_, piece.time);
    waiting_.push_back(std::move(piece));
  }

  std::vector<SentMessage> take() && {
    flush();
    return std::move(sent_);
  }

 private:
  void flush() {
    if (waiting_.empty()) return;
    const Timestamp at = waiting_.back().order;
    send(at, message());
    waiting_.clear();
    if (random_.pick(20) == 0) send(at, unreadable(sent_.back().value));
  }

  void send(Timestamp at, std::string value) { sent_.push_back({stream_, partition_, at, {}, std::move(value)}); }

  std::string message() {
    const bool is_json = random_.pick(2) == 0;
    if (stream_ == Stream::traces) return spans(is_json);
    if (stream_ == Stream::logs) {
      otlp::v1::LogsData out;
      for (Piece& piece : waiting_)
        *out.add_resource_logs() = std::move(std::get<otlp::v1::ResourceLogs>(piece.content));
      return encoded(out, is_json);
    }
    return std::get<Event>(waiting_.front().content).body.dump();
  }

  std::string spans(bool is_json) {
    otlp::v1::TracesData out;
    for (Piece& piece : waiting_)
      *out.add_resource_spans() = std::move(std::get<otlp::v1::ResourceSpans>(piece.content));
    if (random_.pick(15) == 0) {
      auto& scope = *out.mutable_resource_spans(0)->mutable_scope_spans(0);
      const otlp::v1::Span good = scope.spans(0);
      scope.add_spans()->CopyFrom(good);
      scope.mutable_spans(scope.spans_size() - 1)->set_span_id("bad");
    }
    return encoded(out, is_json);
  }

  std::string unreadable(const std::string& good) {
    switch (random_.pick(4)) {
      case 0:
        return std::string(1 + random_.pick(40), static_cast<char>(0x80 + random_.pick(0x80)));
      case 1:
        return good.substr(0, 1 + random_.pick(good.size() - 1));  // what is whole in it was there already
      case 2:
        return R"({"thumb": "up"})";  // no target
      default:
        return R"({"trace_id": "00000000000000000000000000000001", "name": "n", "score": 70, "score_min": 1, "score_max": 5})";
    }
  }

  Rewriter& random_;
  Stream stream_;
  int32_t partition_;
  std::vector<Piece> waiting_;
  Timestamp first_time_{};
  size_t size_ = 1;
  std::vector<SentMessage> sent_;
};

}  // namespace

std::vector<SentMessage> otlp_traffic(uint64_t seed, const OtlpTraffic& traffic) {
  Rewriter rewriter(seed);
  std::map<std::pair<Stream, int32_t>, Batcher> batchers;
  FlowTraffic flow = traffic.flow;
  flow.has_duplicates = false;
  for (const SentFragment& sent : flow_traffic(seed, flow))
    for (Piece& piece : rewriter.rewrite(sent)) {
      const Stream stream = stream_of(piece.content);
      const auto at = batchers.try_emplace({stream, sent.partition}, rewriter, stream, sent.partition).first;
      at->second.add(std::move(piece));
    }
  std::vector<SentMessage> out;
  for (auto& [key, batcher] : batchers) {
    auto sent = std::move(batcher).take();
    out.insert(out.end(), std::make_move_iterator(sent.begin()), std::make_move_iterator(sent.end()));
  }
  // Of its own, so that neither changes anything else.
  std::mt19937_64 random(~seed);
  if (traffic.is_spread_otherwise)
    for (auto& message : out) message.partition = static_cast<int32_t>(random() % kFlowSources);
  if (traffic.has_duplicates)
    for (size_t i = 0, n = out.size(); i < n; ++i) {
      if (random() % 4 != 0) continue;
      SentMessage again = out[i];
      again.partition = kFlowSources;
      again.time += std::chrono::seconds(random() % 60);
      out.push_back(std::move(again));
    }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  return out;
}

std::string otlp_tail(int32_t source, Timestamp end) {
  otlp::v1::TracesData out;
  auto& resource = *out.add_resource_spans();
  auto& span = *resource.add_scope_spans()->add_spans();
  span.set_trace_id(fmt::format("tail{:012}", source));
  span.set_span_id(span_id(span.trace_id(), "tail"));
  span.set_name("tail");
  span.set_kind(otlp::v1::Span::SPAN_KIND_SERVER);
  span.set_start_time_unix_nano(static_cast<uint64_t>(end.time_since_epoch().count()));
  span.set_end_time_unix_nano(static_cast<uint64_t>(end.time_since_epoch().count()));
  return out.SerializeAsString();
}

}  // namespace tidewatch
