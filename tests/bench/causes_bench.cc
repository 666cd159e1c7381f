// How often the likeliest cause of an alert is the true one (docs/causes.md).
//
// Usage: causes_bench [--seeds 101-110] [--scenario demo-day] [--blind | --decoys] [--verbose]
// Simulated days with labelled incidents go through the stages that `tidewatch run` has; the cause that the alerts of
// an incident name is compared with its label. --blind takes from the spans what would tell the cause (response models,
// prompt versions, retrievals, segments): there `unknown` is right for what only they tell.
// --decoys gives each endpoint a new prompt version that changes nothing half an hour before an incident begins there.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/backtest/assessment.h"
#include "app/backtest/causes.h"
#include "app/backtest/estimate.h"
#include "app/flow.h"
#include "app/gen/simulator.h"
#include "stream/runtime/local_runner.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch {
namespace {

struct Options {
  uint64_t first_seed = 101;
  uint64_t last_seed = 110;
  std::string scenario = "demo-day";
  bool is_blind = false;
  bool has_decoys = false;
  bool is_verbose = false;
};

/// Incidents whose cause nothing but what is taken away tells: with it gone, unknown is right.
const std::set<std::string_view> kOnlyToldByLabels = {"model-update", "prompt-change", "data-drift"};

bool is_hidden(std::string_view key) {
  return key == "gen_ai.response.model" || key == "app.prompt.version" || key == "app.user.segment";
}

/// Without what tells causes: response models, prompt versions, segments, and the spans of retrievals.
std::string blinded(const std::string& payload) {
  otlp::v1::TracesData data;
  if (!data.ParseFromString(payload)) return payload;
  for (auto& resource : *data.mutable_resource_spans())
    for (auto& scope : *resource.mutable_scope_spans()) {
      auto& spans = *scope.mutable_spans();
      for (auto& span : spans) {
        auto& attributes = *span.mutable_attributes();
        attributes.erase(
            std::remove_if(attributes.begin(), attributes.end(), [](const auto& one) { return is_hidden(one.key()); }),
            attributes.end());
      }
      spans.erase(std::remove_if(spans.begin(), spans.end(),
                                 [](const auto& span) {
                                   return std::any_of(span.attributes().begin(), span.attributes().end(),
                                                      [](const auto& one) {
                                                        return one.key() == "gen_ai.operation.name" &&
                                                               one.value().string_value() == "retrieval";
                                                      }) ||
                                          span.name().find("retriev") != std::string::npos;
                                 }),
                  spans.end());
    }
  return data.SerializeAsString();
}

/// A new prompt version on the endpoints of incidents, from before they begin until after they end.
std::string with_decoys(const std::string& payload, const gen::Scenario& scenario) {
  constexpr Duration kBefore = std::chrono::minutes(30);
  constexpr Duration kAfter = std::chrono::hours(1);
  otlp::v1::TracesData data;
  if (!data.ParseFromString(payload)) return payload;
  const auto value_of = [](const auto& attributes, std::string_view key) -> std::string {
    for (const auto& one : attributes)
      if (one.key() == key) return one.value().string_value();
    return {};
  };
  for (auto& resource : *data.mutable_resource_spans()) {
    const std::string service = value_of(resource.resource().attributes(), "service.name");
    for (auto& scope : *resource.mutable_scope_spans())
      for (auto& span : *scope.mutable_spans()) {
        const Timestamp at{Duration(static_cast<int64_t>(span.start_time_unix_nano()))};
        const std::string route = value_of(span.attributes(), "http.route");
        for (const gen::Incident& incident : scenario.incidents) {
          if (!incident.expect_alert || incident.scenario == "prompt-change" || incident.service != service) continue;
          if (!incident.endpoint.empty() && incident.endpoint != route) continue;
          if (at < incident.starts_at - kBefore || at >= incident.ends_at + kAfter) continue;
          for (auto& one : *span.mutable_attributes())
            if (one.key() == "app.prompt.version") one.mutable_value()->set_string_value("decoy-" + incident.scenario);
        }
      }
  }
  return data.SerializeAsString();
}

std::vector<v1::Alert> alerts_of(const gen::Simulator& simulator, const Options& options) {
  const auto payload_of = [&](const gen::Emission& emission) {
    if (emission.stream != gen::Stream::traces) return emission.payload;
    if (options.is_blind) return blinded(emission.payload);
    return options.has_decoys ? with_decoys(emission.payload, simulator.scenario()) : emission.payload;
  };
  Config config = default_config();
  config.detect.format = WireFormat::protobuf;
  auto flow = make_flow(config);
  if (!flow) std::exit(70);
  LocalRunner::Options local;
  local.waits_for_sources = true;
  local.keep_history = false;
  LocalRunner runner(
      local, std::move(flow).value(),
      {{Stream::traces, 1}, {Stream::logs, 1}, {Stream::feedback, 1}, {Stream::evaluations, 1}, {Stream::commands, 0}});
  runner.end_input(Stream::logs, 0);
  runner.end_input(Stream::evaluations, 0);
  std::vector<v1::Alert> out;
  const auto take = [&] {
    for (const auto& record : runner.take_records(Stream::alerts)) {
      v1::Alert& alert = out.emplace_back();
      if (!alert.ParseFromString(record.value)) out.pop_back();
    }
    for (const Stream stream : {Stream::quality_scores, Stream::changes, Stream::dead_letter, Stream::alerts_state})
      runner.take_records(stream);
  };
  size_t sent = 0;
  simulator.run([&](const gen::Emission& emission) {
    const bool is_trace = emission.stream == gen::Stream::traces;
    if (emission.export_time >= simulator.scenario().traffic_end) return false;
    runner.append(is_trace ? Stream::traces : Stream::feedback, 0,
                  {emission.key, payload_of(emission), {}, emission.export_time});
    if (++sent % 2000 == 0) {
      runner.run();
      take();
    }
    return true;
  });
  runner.end_input();
  runner.run();
  take();
  return out;
}

void tell(uint64_t seed, const Assessment& assessment) {
  for (const IncidentFound& incident : assessment.incidents) {
    if (!incident.label.is_alert_expected) continue;
    const auto named = named_cause(incident);
    fmt::print("seed {} {} ({}): {}\n", seed, incident.label.incident, incident.label.kind,
               incident.first == nullptr ? "not found"
               : named                   ? named->kind()
                                         : "-");
    for (const v1::Alert* alert : incident.fired) {
      std::map<std::string, std::string> labels(alert->labels().begin(), alert->labels().end());
      std::string where;
      for (const auto& [name, value] : labels) where += value + " ";
      fmt::print("    {} {} {} | {}\n", alert->measure(), alert->kind(), where, alert->cause().why());
    }
  }
}

int run(const Options& options) {
  CauseScore all;
  for (uint64_t seed = options.first_seed; seed <= options.last_seed; ++seed) {
    gen::GenOptions traffic;
    traffic.scenario = options.scenario;
    traffic.seed = seed;
    traffic.history = 48;
    traffic.tail = 1;
    auto simulator = gen::Simulator::create(traffic, OtlpEncoding::protobuf);
    if (!simulator) {
      fmt::print(stderr, "{}\n", simulator.error().message);
      return 64;
    }
    const auto alerts = alerts_of(*simulator, options);
    std::vector<IncidentLabel> labels;
    for (const auto& incident : simulator->scenario().incidents) {
      auto label = parse_incident_label(gen::label_line(incident));
      if (!label) return 70;
      if (options.is_blind && kOnlyToldByLabels.contains(incident.scenario)) label->kind = "unknown";
      labels.push_back(std::move(label).value());
    }
    const Assessment assessment = assess(alerts, std::move(labels));
    if (options.is_verbose) tell(seed, assessment);
    const CauseScore one = score_causes(assessment);
    fmt::print("seed {}: {} of {} incidents with the right cause, {} of {} found\n", seed, one.right(), one.incidents(),
               assessment.found(), assessment.expected());
    std::fflush(stdout);
    all.add(one);
  }
  fmt::print("\n{}", to_table(all));
  return 0;
}

}  // namespace
}  // namespace tidewatch

int main(int argc, char** argv) {
  tidewatch::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view given = argv[i];
    if (given == "--blind") {
      options.is_blind = true;
    } else if (given == "--decoys") {
      options.has_decoys = true;
    } else if (given == "--verbose") {
      options.is_verbose = true;
    } else if (given == "--scenario" && i + 1 < argc) {
      options.scenario = argv[++i];
    } else if (given == "--seeds" && i + 1 < argc) {
      const std::string seeds = argv[++i];
      const size_t dash = seeds.find('-');
      options.first_seed = std::strtoull(seeds.c_str(), nullptr, 10);
      options.last_seed =
          dash == std::string::npos ? options.first_seed : std::strtoull(seeds.c_str() + dash + 1, nullptr, 10);
    } else {
      fmt::print(stderr, "unknown option {}\n", given);
      return 64;
    }
  }
  return tidewatch::run(options);
}
