#include "app/testset/evaluate_test_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "app/exit_code.h"
#include "app/progress.h"
#include "app/testset/compare_runs.h"
#include "app/testset/run_reference.h"
#include "app/testset/run_test_set.h"
#include "detectors/estimate/interval.h"

namespace tidewatch {
namespace {

constexpr size_t kShownFailures = 3;

/// What one verdict came to over all items.
struct Total {
  uint64_t judged = 0;  ///< with a verdict
  uint64_t passed = 0;
  uint64_t scored = 0;
  double score = 0;  ///< sum
  std::vector<std::string> failures;
};

void print_total(const std::string& name, const Total& total) {
  if (total.judged > 0) {
    const auto judged = static_cast<double>(total.judged);
    const double rate = static_cast<double>(total.passed) / judged;
    const Interval interval = wilson(rate, judged, two_sided_quantile(0.95, HUGE_VAL));
    fmt::print("{:<20} {:6.2f} % passed, 95 % interval {:.2f} to {:.2f} %, of {} judged\n", name, 100 * rate,
               100 * interval.low, 100 * interval.high, total.judged);
  } else {
    fmt::print("{:<20} {:6.3f} on average, of {} scored\n", name, total.score / static_cast<double>(total.scored),
               total.scored);
  }
  for (const std::string& failure : total.failures) fmt::print("  {}\n", failure);
}

void print_run(const TestRun& run) {
  std::map<std::string, Total> totals;
  std::map<std::string, uint64_t> errors;
  std::vector<double> seconds;
  double usd = 0;
  for (const ItemRun& item : run.items) {
    usd += item.usd;
    if (!item.error.empty()) {
      ++errors[item.error];
      continue;
    }
    seconds.push_back(item.seconds);
    for (const auto& [name, verdict] : item.verdicts) {
      Total& total = totals[name];
      if (verdict.score) {
        ++total.scored;
        total.score += *verdict.score;
      }
      if (!verdict.passed) continue;
      ++total.judged;
      total.passed += *verdict.passed ? 1 : 0;
      if (!*verdict.passed && total.failures.size() < kShownFailures)
        total.failures.push_back(fmt::format("{}: {}", item.id, verdict.why));
    }
  }
  fmt::print("{} version {} against {}: {} of {} items answered\n", run.set, run.version, run.model, seconds.size(),
             run.items.size());
  for (const auto& [error, count] : errors) fmt::print("{} times {}\n", count, error);
  if (!seconds.empty()) {
    std::sort(seconds.begin(), seconds.end());
    fmt::print("seconds by answer: median {:.2f}, p95 {:.2f}", seconds[seconds.size() / 2],
               seconds[seconds.size() * 95 / 100]);
    if (usd > 0) fmt::print("; {:.4f} USD in all", usd);
    fmt::print("\n");
  }
  fmt::print("\n");
  for (const auto& [name, total] : totals) print_total(name, total);
}

void print_unjudged(const JudgeReport& report) {
  for (const JudgedSummary& judge : report.judges) {
    if (judge.not_applicable > 0)
      fmt::print("{:<20} {} could not be judged: {}\n", judge.name, judge.not_applicable, judge.why_not);
    for (const auto& [reason, count] : judge.unjudged)
      fmt::print("{:<20} {} unjudged: {}\n", judge.name, count, reason);
  }
  if (!report.ended_early.empty()) fmt::print("the judge ended early: {}\n", report.ended_early);
}

void print_verdict(const ComparedVerdict& verdict) {
  const PairedDifference& found = verdict.found;
  const auto rate = [&](double value) {
    return verdict.is_rate ? fmt::format("{:.2f} %", 100 * value) : fmt::format("{:.3f}", value);
  };
  const auto points = [&](double value) {
    return verdict.is_rate ? fmt::format("{:+.2f}", 100 * value) : fmt::format("{:+.3f}", value);
  };
  const char* words = !verdict.is_different() ? "no difference shown" : verdict.is_worse() ? "WORSE" : "better";
  fmt::print("{:<20} {} -> {}: {}{} (95 % interval {} to {}), p = {:.4f}, {} of {} items in both\n", verdict.name,
             rate(found.first), rate(found.second), points(found.difference), verdict.is_rate ? " points" : "",
             points(found.interval.low), points(found.interval.high), verdict.adjusted_p, words, verdict.items);
  fmt::print(
      "{:<20} this many items tell a difference of {} in four of five cases\n", "",
      verdict.is_rate ? fmt::format("{:.2f} points", 100 * found.detectable) : fmt::format("{:.3f}", found.detectable));
}

/// True when something is worse.
bool print_comparison(const TestRun& last, const TestRun& run) {
  const ComparedRuns compared = compare_runs(last, run);
  fmt::print("\nCompared with the run of {} version {} against {}: {} items in both", last.set, last.version,
             last.model, compared.shared);
  if (compared.only_before > 0) fmt::print(", {} in that alone", compared.only_before);
  if (compared.only_now > 0) fmt::print(", {} in this alone", compared.only_now);
  fmt::print("\n");
  if (last.digest != run.digest) fmt::print("The test sets are not the same; what both have is compared.\n");
  if (compared.verdicts.empty()) fmt::print("Nothing was judged in both.\n");
  for (const ComparedVerdict& verdict : compared.verdicts) print_verdict(verdict);
  return std::any_of(compared.verdicts.begin(), compared.verdicts.end(),
                     [](const ComparedVerdict& verdict) { return verdict.is_worse(); });
}

Result<std::string> text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string out((std::istreambuf_iterator<char>(in)), {});
  if (!in) return Error{"open_failed", fmt::format("{}: cannot be read", path)};
  return out;
}

}  // namespace

Exit evaluate_test_set(const EvaluateTestSet& request) {
  const auto set = read_test_set(request.set);
  if (!set) return fail_with(set.error());
  TestRun last;
  if (!request.last.empty()) {  // read first: nothing is spent when it cannot be compared
    auto read = read_test_run(request.last);
    if (!read) return fail_with(read.error());
    last = std::move(*read);
  }
  RunTestSet run_request;
  run_request.rules = request.config.validators;
  if (!request.system.empty()) {
    auto system = text_of_file(request.system);
    if (!system) return fail_with(system.error());
    run_request.system = std::move(*system);
  }
  run_request.chat.url = request.endpoint;
  run_request.chat.model = request.model;
  run_request.chat.key = request.key;
  run_request.chat.concurrency = request.concurrency;
  run_request.chat.max_tokens = request.max_tokens;
  run_request.chat.calls_per_hour = 0;
  run_request.judge = request.config.judge;
  Result<JudgedRun> done = JudgedRun();
  {
    Progress bar("asking");
    done = run_test_set(*set, run_request, [&](double share) { bar.update(share); });
  }
  if (!done) return fail_with(done.error());
  const TestRun* run = &done->run;
  if (!request.out.empty())
    if (auto written = write_test_run(*run, request.out); !written) return fail_with(written.error());
  print_run(*run);
  print_unjudged(done->judged);
  const bool is_worse = !request.last.empty() && print_comparison(last, *run);
  if (!request.out.empty())
    fmt::print("\nwritten to {}; --last {} compares the next run with it\n", request.out, request.out);
  if (!request.reference.empty()) {
    const auto entities = reference_of(*run, *set, request.config.assemble.entities, request.labels);
    const auto written = write_reference_file(entities, request.reference);
    if (!written) return fail_with(written.error());
    if (*written == 0)
      return fail_with(
          {"bad_data",
           "no item has the labels of a group of `entities`, such as a service: --label service=NAME gives "
           "them one"});
    fmt::print("\n{} entities written to {}. In the config:\nreference: ${{file:{}}}\n", *written, request.reference,
               request.reference);
  }
  return is_worse && request.fails_if_worse ? Exit::finding : Exit::ok;
}

}  // namespace tidewatch
