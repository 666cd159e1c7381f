#include "app/backtest/backtest_run.h"

#include <fmt/format.h>

#include "app/flow.h"

namespace tidewatch {
namespace {

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

Result<std::unique_ptr<BacktestRun>> BacktestRun::open(Config config, const BacktestInputs& inputs,
                                                       const std::filesystem::path& out, bool keeps_verdicts) {
  config.detect.format = WireFormat::json;  // files are read by people and notebooks
  auto verdicts = std::make_shared<VerdictTrace>(keeps_verdicts);
  auto flow = make_flow(
      config, [verdicts](const EntityMonitor& entity, const Judged& judged) { verdicts->note(entity, judged); });
  if (!flow) return flow.error();
  auto outputs = BacktestOutputs::open(out);
  if (!outputs) return outputs.error();
  auto run = std::unique_ptr<BacktestRun>(new BacktestRun(std::move(config), std::move(outputs).value()));
  run->verdicts_ = std::move(verdicts);
  LocalRunner::Options options;
  options.keep_history = false;
  options.waits_for_sources = true;
  run->runner_ = std::make_unique<LocalRunner>(options, std::move(flow).value(), inputs.partitions());
  return Result<std::unique_ptr<BacktestRun>>(std::move(run));
}

Status BacktestRun::drain(const BacktestInputs& inputs) { return outputs_.drain(*runner_, inputs); }

Status BacktestRun::close(const BacktestInputs& inputs) {
  if (auto written = outputs_.write_unreadable(inputs.errors()); !written) return written;
  return outputs_.close();
}

nlohmann::json BacktestRun::report() const {
  nlohmann::json out;
  out["config_version"] = config_.detect.config_version;
  out["counts"] = counts_of(*runner_);
  out["alert_transitions"] = outputs_.lines(Stream::alerts);
  out["quality_scores"] = outputs_.lines(Stream::quality_scores);
  out["changes"] = outputs_.lines(Stream::changes);
  out["dead_letters"] = unreadable();
  return out;
}

}  // namespace tidewatch
