#include "kafka/flow/flow_cluster.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "app/files/span_file_writer.h"

namespace tidewatch::kafka_test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

template <typename Message>
std::vector<Message> parse_all(const std::vector<std::string>& values) {
  std::vector<Message> out;
  for (const auto& value : values)
    if (const auto status = google::protobuf::util::JsonStringToMessage(value, &out.emplace_back()); !status.ok())
      throw std::runtime_error(fmt::format("no {}: {}", Message::descriptor()->name(), status.ToString()));
  return out;
}

std::vector<std::string> values_of(const std::vector<TestRecord>& records) {
  std::vector<std::string> out;
  out.reserve(records.size());
  for (const auto& record : records) out.push_back(record.value);
  return out;
}

std::string name_of(const google::protobuf::Map<std::string, std::string>& labels) {
  const std::map<std::string, std::string> sorted(labels.begin(), labels.end());
  std::string out;
  for (const auto& [name, value] : sorted) out += fmt::format("{}={},", name, value);
  return out;
}

}  // namespace

Published parse_published(const std::vector<std::string>& scores, const std::vector<std::string>& alerts) {
  return {parse_all<v1::QualityScore>(scores), parse_all<v1::Alert>(alerts)};
}

std::map<std::pair<std::string, int64_t>, double> Published::requests() const {
  std::map<std::pair<std::string, int64_t>, double> out;
  for (const auto& score : scores) {
    if (score.labels_size() != 1 || !score.labels().contains("service")) continue;
    for (const auto& measure : score.measures())
      if (measure.measure() == "requests" && measure.value() > 0)
        out[{score.labels().at("service"), score.window_start().seconds()}] += measure.value();
  }
  return out;
}

std::string difference(const Published& published, const FlowMessages& truth) {
  std::vector<std::string> wrong;
  const auto counted = published.requests();
  for (const auto& [where, expected] : truth.requests) {
    const auto found = counted.find(where);
    const double got = found == counted.end() ? 0 : found->second;
    if (got != expected)
      wrong.push_back(
          fmt::format("{} requests of {} in the window at {}, not {}", got, where.first, where.second, expected));
  }
  for (const auto& [where, got] : counted)
    if (!truth.requests.contains(where))
      wrong.push_back(
          fmt::format("{} requests of {} in the window at {}, where there were none", got, where.first, where.second));
  std::set<std::string> seen;
  for (const auto& score : published.scores)
    if (const auto key = fmt::format("{}@{}", name_of(score.labels()), score.window_start().seconds());
        !seen.insert(key).second)
      wrong.push_back("the score of " + key + " was published twice");
  std::map<std::string, std::string> state;
  for (const auto& alert : published.alerts) {
    if (const auto key = fmt::format("{} {} {}", alert.id(), alert.transition(), alert.observed_at().seconds());
        !seen.insert(key).second)
      wrong.push_back("alert " + key + " was published twice");
    const bool is_turn = alert.transition() == "fired" || alert.transition() == "resolved";
    if (is_turn && std::exchange(state[alert.id()], alert.state()) == alert.state())
      wrong.push_back(fmt::format("alert {} is {} twice in a row", alert.id(), alert.state()));
  }
  std::string out;
  for (size_t i = 0; i < std::min<size_t>(wrong.size(), 8); ++i) out += wrong[i] + "\n";
  if (wrong.size() > 8) out += fmt::format("... and {} more\n", wrong.size() - 8);
  return out;
}

FlowCluster::FlowCluster(KafkaBroker& broker, const std::string& name, bool has_topics)
    : broker_(broker),
      name_(name),
      folder_(fs::path(TIDEWATCH_BINARY_DIR) / "kafka-flow" / name),
      config_(folder_ / "tidewatch.yaml") {
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  write_config(config(broker.brokers()));
  if (!has_topics) return;
  for (int i = 0; i < kStreamCount; ++i) {
    const auto stream = static_cast<Stream>(i);
    const bool is_input = stream <= Stream::commands;
    const bool is_compacted = stream == Stream::state || stream == Stream::alerts_state;
    broker.create_topic(topic(stream),
                        stream == Stream::traces ? kTracePartitions
                        : is_input               ? 1
                                                 : 3,
                        is_compacted ? std::map<std::string, std::string>{{"cleanup.policy", "compact"}}
                                     : std::map<std::string, std::string>{});
  }
}

FlowCluster::~FlowCluster() {
  if (::testing::Test::HasFailure()) return;
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string FlowCluster::topic(Stream stream) const { return fmt::format("{}.{}", name_, tidewatch::name_of(stream)); }

std::string FlowCluster::config(const std::string& brokers, const std::string& more) const {
  std::string topics;
  for (int i = 0; i < kStreamCount; ++i)
    topics += fmt::format("  {}: {}\n", tidewatch::name_of(static_cast<Stream>(i)), topic(static_cast<Stream>(i)));
  // Short windows and little to learn, so that hours of traffic are enough for alerts. Event time comes from the data
  // alone (no source is ever idle or stalled), so that the answer does not depend on how fast the machine is.
  return fmt::format(R"(kafka:
  brokers: [{}]
  group_prefix: {}
  session_timeout: 2s
  transaction_timeout: 5s
  broker_timeout: 3s
topics:
{}entities: [[service], [service, endpoint]]
time: {{pane: 1m, out_of_order: 1m}}
trace: {{join_horizon: 20m}}
scores: {{window: {}s}}
commit: {{interval: 50ms}}
idle: {{policy: hold, after: 1h, allowance: 1h}}
stall: {{timeout: 1h}}
http: {{port: 0}}
detectors:
  - {{name: test-refusals, measure: refusal_rate, detector: threshold, window: 5m, above: 5%,
     alert: {{min_effect: 1pp, resolve_after: 2}}}}
  - {{name: test-length, measure: output_tokens_per_call, detector: point, window: 5m, warm_up: 6, season: false,
     alert: {{min_effect: 10%, resolve_after: 2}}}}
{})",
                     brokers, name_, topics, kWindowSeconds, more);
}

void FlowCluster::write_config(const std::string& text) const { std::ofstream(config_) << text; }

ChildProcess FlowCluster::run(const std::string& instance) const {
  return {
      TIDEWATCH_PROGRAM, {"run", "--config", config_.string(), "--instance", instance}, log_file(instance).string()};
}

std::string FlowCluster::log(const std::string& instance) const { return text_of(log_file(instance)); }

void FlowCluster::produce(std::vector<FlowMessage>::const_iterator begin,
                          std::vector<FlowMessage>::const_iterator end) const {
  std::map<Stream, std::vector<TestRecord>> records;
  for (auto at = begin; at != end; ++at) records[at->stream].push_back(at->record);
  for (const auto& [stream, some] : records) broker_.produce(topic(stream), some);
}

Published FlowCluster::read() const {
  return parse_published(values_of(broker_.read_all(topic(Stream::quality_scores))),
                         values_of(broker_.read_all(topic(Stream::alerts))));
}

Published FlowCluster::backtest(const FlowMessages& messages) const {
  std::map<std::pair<Stream, int32_t>, std::string> paths;
  std::map<std::pair<Stream, int32_t>, SpanFileWriter> files;
  for (const auto& message : messages.messages) {
    const std::pair at{message.stream, message.record.partition};
    if (!files.contains(at)) {
      paths[at] = folder_ / fmt::format("{}-{}.jsonl", tidewatch::name_of(at.first), at.second);
      files.emplace(at, SpanFileWriter::open(paths[at]).value());
    }
    if (!files.at(at).write(message.json)) throw std::runtime_error("cannot write " + paths[at]);
  }
  for (auto& [at, file] : files)
    if (!file.close()) throw std::runtime_error("cannot write " + paths[at]);
  const std::string out = folder_ / "backtest";
  std::vector<std::string> arguments = {"backtest", "--config", config_.string(), "--out", out, "--json"};
  const std::map<Stream, std::string> options = {{Stream::traces, "--spans"},
                                                 {Stream::logs, "--logs"},
                                                 {Stream::feedback, "--feedback"},
                                                 {Stream::evaluations, "--evaluations"}};
  for (const auto& [at, path] : paths) arguments.insert(arguments.end(), {options.at(at.first), path});
  ChildProcess process(TIDEWATCH_PROGRAM, arguments, folder_ / "backtest.log");
  if (const int code = process.wait(); code != 0)
    throw std::runtime_error(fmt::format("backtest ended with {}: {}", code, text_of(folder_ / "backtest.log")));
  return parse_published(lines_of(out + "/quality-scores.jsonl"), lines_of(out + "/alerts.jsonl"));
}

}  // namespace tidewatch::kafka_test
