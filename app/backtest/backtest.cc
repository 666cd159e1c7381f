#include "app/backtest/backtest.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "app/backtest/backtest_run.h"
#include "app/flow.h"

namespace tidewatch {
namespace {

/// The run of the config and, to compare, the run of another.
struct Runs {
  std::unique_ptr<BacktestRun> main;
  std::unique_ptr<BacktestRun> other;
  std::optional<ComparisonNotes> of_main;
  std::optional<ComparisonNotes> of_other;

  std::vector<BacktestRun*> all() const {
    return other ? std::vector<BacktestRun*>{main.get(), other.get()} : std::vector<BacktestRun*>{main.get()};
  }
};

Result<std::shared_ptr<Runs>> open_runs(const BacktestRequest& request, const BacktestInputs& inputs) {
  const bool keeps_verdicts = request.other.has_value();
  auto runs = std::make_shared<Runs>();
  auto main = BacktestRun::open(request.config, inputs, request.out, keeps_verdicts);
  if (!main) return main.error();
  runs->main = std::move(main).value();
  if (!request.other) return runs;
  auto other = BacktestRun::open(*request.other, inputs, std::filesystem::path(request.out) / "other", keeps_verdicts);
  if (!other) return Error{other.error().code, "of the other config: " + other.error().message};
  runs->other = std::move(other).value();
  runs->of_main.emplace(*runs->main, *runs->other);
  runs->of_other.emplace(*runs->other, *runs->main);
  return runs;
}

/// Asks each run about the alerts of the other, and lets go of what nobody will ask any more.
void take_notes(Runs& runs, bool is_end, Timestamp& forgotten) {
  runs.of_main->take(is_end);
  runs.of_other->take(is_end);
  const Timestamp through = std::min(runs.main->verdicts().newest(), runs.other->verdicts().newest());
  if (through == kMinTimestamp || through < forgotten + ComparisonNotes::kKeep) return;
  forgotten = through;
  for (BacktestRun* run : runs.all()) run->forget_verdicts(through - ComparisonNotes::kKeep);
}

Status work_through(Runs& runs, BacktestInputs& inputs, const std::function<void(double)>& on_progress) {
  const auto all = runs.all();
  std::vector<BacktestInputs::Fed> fed;
  fed.reserve(all.size());
  for (BacktestRun* run : all) fed.push_back({&run->runner(), longest_request(run->config())});
  Timestamp forgotten{};
  auto worked = inputs.feed_all(fed, [&](bool is_end) {
    for (BacktestRun* run : all)
      if (auto drained = run->drain(inputs); !drained) return drained;
    if (runs.other) take_notes(runs, is_end, forgotten);
    on_progress(inputs.share_read().value());
    return ok_status();
  });
  if (!worked) return worked;
  for (BacktestRun* run : all)
    if (auto closed = run->close(inputs); !closed) return closed;
  return ok_status();
}

Status write_json(const std::filesystem::path& path, const nlohmann::json& json) {
  std::ofstream file(path);
  file << json.dump(2) << '\n';
  file.close();
  return file ? ok_status() : Status(Error{"write_failed", fmt::format("{}: cannot be written", path.string())});
}

}  // namespace

Result<BacktestReport> run_backtest(const BacktestRequest& request, const std::function<void(double)>& on_progress) {
  std::vector<IncidentLabel> labels;
  if (!request.labels.empty()) {
    auto read = read_incident_labels(request.labels);
    if (!read) return read.error();
    labels = std::move(read).value();
  }
  auto inputs = BacktestInputs::open(request.files);
  if (!inputs) return inputs.error();
  const auto started = std::chrono::steady_clock::now();
  auto opened = open_runs(request, *inputs);
  if (!opened) return opened.error();
  Runs& runs = **opened;
  if (auto worked = work_through(runs, *inputs, on_progress); !worked) return worked.error();

  BacktestReport report;
  report.runs = *opened;
  report.alerts = runs.main->alerts();
  report.unreadable = runs.main->unreadable();
  report.json = runs.main->report();
  report.json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  report.json["messages"] = inputs->messages();
  if (!request.labels.empty()) {
    report.assessment = assess(report.alerts, labels, request.tolerance, runs.main->verdicts().judged());
    report.json["labels"] = to_json(*report.assessment);
  }
  const std::filesystem::path out(request.out);
  if (runs.other) {
    report.comparison = compare(*runs.main, *runs.other, *runs.of_main, *runs.of_other);
    nlohmann::json json = to_json(*report.comparison);
    if (!request.labels.empty()) {
      report.other_alerts = runs.other->alerts();
      report.other_assessment = assess(report.other_alerts, labels, request.tolerance, runs.other->verdicts().judged());
      json["labels"] = report.json["labels"];
      json["labels_of_other"] = to_json(*report.other_assessment);
    }
    if (auto written = write_json(out / "compare.json", json); !written) return written.error();
  }
  if (auto written = write_json(out / "report.json", report.json); !written) return written.error();
  return Result<BacktestReport>(std::move(report));
}

}  // namespace tidewatch
