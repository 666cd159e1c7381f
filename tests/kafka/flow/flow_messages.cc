#include "kafka/flow/flow_messages.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "app/files/otlp_json_text.h"
#include "app/gen/simulator.h"
#include "stream/publish/timestamps.h"
#include "tidewatch/otlp/v1/logs.pb.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch::kafka_test {
namespace {

constexpr Duration kTail = std::chrono::hours(2);
/// After its request. Whether a vote beyond the join horizon still finds its request depends on how far the flow has
/// read; there is no one right answer to compare with.
constexpr Timestamp kLatestVote{std::chrono::minutes(15)};

gen::Simulator simulator(const gen::GenOptions& options, OtlpEncoding encoding) {
  auto made = gen::Simulator::create(options, encoding);
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(made).value();
}

uint64_t nanos(Timestamp time) { return static_cast<uint64_t>(time.time_since_epoch().count()); }

struct Seen {
  std::string service;
  uint64_t last_end = 0;
};
using Traces = std::map<std::string, Seen>;

/// Takes down which traces a message speaks of; returns the id of the last.
std::string take_down(const otlp::v1::TracesData& message, Traces& traces) {
  std::string last;
  for (const auto& resource : message.resource_spans()) {
    std::string service;
    for (const auto& attribute : resource.resource().attributes())
      if (attribute.key() == "service.name") service = attribute.value().string_value();
    for (const auto& scope : resource.scope_spans())
      for (const auto& span : scope.spans()) {
        Seen& seen = traces[last = span.trace_id()];
        seen.service = service;
        seen.last_end = std::max<uint64_t>(seen.last_end, span.end_time_unix_nano());
      }
  }
  return last;
}

FlowMessage evaluation(const std::string& trace_id, Timestamp at, int number) {
  const nlohmann::json event = {{"id", fmt::format("evaluation-{}", number)},
                                {"time", rfc3339(at)},
                                {"trace_id", absl::BytesToHexString(trace_id)},
                                {"name", "faithfulness"},
                                {"score", (number % 10) / 10.0}};
  return {Stream::evaluations, {.key = "", .value = event.dump(), .partition = 0}, event.dump()};
}

FlowMessage evaluation_log(const std::string& trace_id, Timestamp at, int number) {
  otlp::v1::LogsData logs;
  auto* record = logs.add_resource_logs()->add_scope_logs()->add_log_records();
  record->set_event_name("gen_ai.evaluation.result");
  record->set_time_unix_nano(nanos(at));
  record->set_trace_id(trace_id);
  record->set_span_id("8 bytes!");
  const auto add = [&](const char* key) {
    auto* attribute = record->add_attributes();
    attribute->set_key(key);
    return attribute->mutable_value();
  };
  add("gen_ai.evaluation.name")->set_string_value("relevance");
  add("gen_ai.evaluation.score.value")->set_double_value((number % 7) / 7.0);
  FlowMessage out{Stream::logs, {.key = "", .value = logs.SerializeAsString(), .partition = 0}, {}};
  append_otlp_json(logs, out.json);
  return out;
}

/// A span of no endpoint that asks no model: no request, but its partition's time goes on.
FlowMessage closing_span(int32_t partition, Timestamp at) {
  otlp::v1::TracesData traces;
  auto* span = traces.add_resource_spans()->add_scope_spans()->add_spans();
  span->set_trace_id(fmt::format("closing trace {:02}", partition));
  span->set_span_id("closing!");
  span->set_name("GET /health");
  span->set_kind(otlp::v1::Span::SPAN_KIND_SERVER);
  span->set_start_time_unix_nano(nanos(at));
  span->set_end_time_unix_nano(nanos(at));
  FlowMessage out{Stream::traces, {.key = "", .value = traces.SerializeAsString(), .partition = partition}, {}};
  append_otlp_json(traces, out.json);
  return out;
}

FlowMessage closing_vote(Timestamp at) {
  const nlohmann::json event = {{"id", "closing"}, {"op", "create"}, {"time", rfc3339(at)},
                                {"name", "thumb"}, {"thumb", "up"},  {"trace_id", std::string(32, 'c')},
                                {"source", "user"}};
  return {Stream::feedback, {.key = "closing", .value = event.dump(), .partition = 0}, event.dump()};
}

}  // namespace

int FlowMessages::total() const {
  int out = 0;
  for (const auto& [where, count] : requests) out += count;
  return out;
}

FlowMessages flow_messages(const gen::GenOptions& options) {
  FlowMessages out;
  Traces traces;
  const auto by_protobuf = simulator(options, OtlpEncoding::protobuf);
  std::vector<std::string> json;
  simulator(options, OtlpEncoding::json).run([&](const gen::Emission& emission) {
    json.push_back(emission.payload);
    return true;
  });
  size_t next = 0;
  int batches = 0;
  by_protobuf.run([&](const gen::Emission& emission) {
    const std::string& text = json.at(next++);
    if (emission.stream == gen::Stream::feedback) {
      const auto voted_on = traces.find(absl::HexStringToBytes(emission.key));
      if (voted_on == traces.end() || nanos(emission.export_time) > voted_on->second.last_end + nanos(kLatestVote))
        return true;
      out.messages.push_back({Stream::feedback, {.key = emission.key, .value = text, .partition = 0}, text});
      return true;
    }
    const int number = batches++;
    otlp::v1::TracesData message;
    if (!message.ParseFromString(emission.payload)) throw std::runtime_error("the simulator writes no OTLP");
    const std::string trace_id = take_down(message, traces);
    const bool is_json = number / kTracePartitions % 2 == 1;  // both in every partition
    out.messages.push_back({Stream::traces,
                            {.key = "",
                             .value = is_json ? text : emission.payload,
                             .partition = static_cast<int32_t>(number % kTracePartitions)},
                            text});
    if (number % 10 == 3) out.messages.push_back(evaluation(trace_id, emission.export_time, number));
    if (number % 10 == 7) out.messages.push_back(evaluation_log(trace_id, emission.export_time, number));
    return true;
  });
  for (const auto& [id, seen] : traces) {
    const auto second = static_cast<int64_t>(seen.last_end / 1'000'000'000);
    ++out.requests[{seen.service, second - second % kWindowSeconds}];
  }
  out.traffic_end = by_protobuf.scenario().end;
  const Timestamp end = out.traffic_end + kTail;
  for (int32_t p = 0; p < kTracePartitions; ++p) out.messages.push_back(closing_span(p, end));
  out.messages.push_back(closing_vote(end));
  out.messages.push_back(evaluation(std::string(16, 'c'), end, 1'000'000));
  out.messages.push_back(evaluation_log(std::string(16, 'c'), end, 1'000'001));
  return out;
}

}  // namespace tidewatch::kafka_test
