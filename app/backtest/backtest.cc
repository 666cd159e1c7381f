#include "app/backtest/backtest.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "app/backtest/outputs.h"
#include "app/flow.h"

namespace tidewatch {
namespace {

Result<std::vector<IncidentLabel>> read_labels(const std::string& path) {
  std::vector<IncidentLabel> out;
  auto reader = SpanFileReader::open(path, FileFraming::lines);
  if (!reader) return reader.error();
  for (;;) {
    auto record = reader->next();
    if (!record) return record.error();
    if (!*record) return out;
    auto label = parse_incident_label((*record)->payload);
    if (!label) return Error{"bad_label", fmt::format("{}: {}", reader->position(**record), label.error().message)};
    out.push_back(std::move(label).value());
  }
}

nlohmann::json counts_of(const LocalRunner& runner) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [key, count] : runner.counts()) {
    const auto& [name, label] = key;
    if (label.empty())
      out[name] = count;
    else
      out[fmt::format("{}{{{}}}", name, label)] = count;
  }
  return out;
}

}  // namespace

Result<BacktestReport> run_backtest(const BacktestRequest& request, const std::function<void(double)>& on_progress) {
  Config config = request.config;
  config.detect.format = WireFormat::json;  // files are read by people and notebooks
  std::vector<IncidentLabel> labels;
  if (!request.labels.empty()) {
    auto read = read_labels(request.labels);
    if (!read) return read.error();
    labels = std::move(read).value();
  }
  auto flow = make_flow(config);
  if (!flow) return flow.error();
  auto inputs = BacktestInputs::open(request.files);
  if (!inputs) return inputs.error();
  auto outputs = BacktestOutputs::open(request.out);
  if (!outputs) return outputs.error();

  const auto started = std::chrono::steady_clock::now();
  LocalRunner::Options options;
  options.keep_history = false;
  options.waits_for_sources = true;
  LocalRunner runner(options, std::move(flow).value(), inputs->partitions());
  const auto fed = inputs->feed_all(runner, longest_request(config), [&] {
    on_progress(inputs->share_read().value());
    return outputs->drain(runner, *inputs);
  });
  if (!fed) return fed.error();
  if (auto written = outputs->write_unreadable(inputs->errors()); !written) return written.error();
  if (auto closed = outputs->close(); !closed) return closed.error();

  BacktestReport report;
  report.alerts = outputs->alerts();
  report.unreadable = outputs->lines(Stream::dead_letter);
  report.json["config_version"] = config.detect.config_version;
  report.json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  report.json["messages"] = inputs->messages();
  report.json["counts"] = counts_of(runner);
  report.json["alert_transitions"] = outputs->lines(Stream::alerts);
  report.json["quality_scores"] = outputs->lines(Stream::quality_scores);
  report.json["changes"] = outputs->lines(Stream::changes);
  report.json["dead_letters"] = report.unreadable;
  if (!request.labels.empty()) {
    report.assessment = assess(report.alerts, std::move(labels));
    report.json["labels"] = to_json(*report.assessment);
  }
  std::ofstream file(std::filesystem::path(request.out) / "report.json");
  file << report.json.dump(2) << '\n';
  file.close();
  if (!file) return Error{"write_failed", fmt::format("{}: report.json cannot be written", request.out)};
  return Result<BacktestReport>(std::move(report));
}

}  // namespace tidewatch
