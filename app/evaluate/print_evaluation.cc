#include "app/evaluate/print_evaluation.h"

#include <fmt/format.h>

#include "detectors/detect/predictive.h"

namespace tidewatch {
namespace {

void print_rule(const EvaluatedRule& rule) {
  if (rule.judged == 0 && rule.not_applicable == 0) {
    fmt::print("{:<20} for none of the chosen requests: see its `where`\n", rule.name);
    return;
  }
  if (rule.judged == 0) {
    fmt::print("{:<20} none of {} could be judged: {}\n", rule.name, rule.not_applicable, rule.why_not);
    return;
  }
  const Observation seen = rule.passed.observe();
  const Interval interval = confidence_interval(seen);
  fmt::print("{:<20} {:6.2f} % passed, 95 % interval {:.2f} to {:.2f} %, of {} judged", rule.name, 100 * seen.value,
             100 * interval.low, 100 * interval.high, rule.judged);
  if (rule.not_applicable > 0) fmt::print("; {} could not be: {}", rule.not_applicable, rule.why_not);
  fmt::print("\n");
  for (const std::string& failure : rule.failures) fmt::print("  {}\n", failure);
}

void print_judge(const JudgedSummary& judge) {
  if (judge.judged > 0) {
    const Observation passed = judge.passed.observe();
    const Interval interval = confidence_interval(passed);
    fmt::print("{:<20} {:6.2f} % passed, 95 % interval {:.2f} to {:.2f} %, mean score {:.3f}, of {} judged by {}",
               judge.name, 100 * passed.value, 100 * interval.low, 100 * interval.high, judge.score.observe().value,
               judge.judged, judge.evaluator);
  } else {
    fmt::print("{:<20} nothing judged", judge.name);
  }
  if (judge.looked_at > 0) fmt::print("; {} outside of the sample", judge.looked_at);
  if (judge.not_applicable > 0) fmt::print("; {} could not be: {}", judge.not_applicable, judge.why_not);
  for (const auto& [reason, count] : judge.unjudged) fmt::print("; {} unjudged: {}", count, reason);
  fmt::print("\n");
  for (const std::string& failure : judge.failures) fmt::print("  {}\n", failure);
}

void print_judges(const JudgeReport& report) {
  for (const JudgedSummary& judge : report.judges) print_judge(judge);
  if (report.judges.empty()) return;
  const auto& [hits, repaired, left, chat] = report.counts;
  fmt::print(
      "judge: {} calls, {} of them again, {} answers asked for once more, {} from the cache, {} tokens in, {} out",
      chat.attempts, chat.retries, repaired, hits, chat.input_tokens, chat.output_tokens);
  if (report.has_price) fmt::print(", {:.4f} USD", chat.spent_usd);
  fmt::print("\n");
}

void print_calibration(const JudgeCalibration& one) {
  fmt::print("{:<20} {} labels of people", one.judge, one.labelled);
  if (one.agreement) {
    const Agreement& agreement = *one.agreement;
    fmt::print(": kappa {:.2f}, 95 % interval {:.2f} to {:.2f}", agreement.kappa, agreement.interval.low,
               agreement.interval.high);
    const auto& of = agreement.confusion;
    const double all = of[0][0] + of[0][1] + of[1][0] + of[1][1];
    fmt::print("\n  both pass {:.1f} %, judge alone {:.1f} %, people alone {:.1f} %, neither {:.1f} %",
               100 * of[1][1] / all, 100 * of[1][0] / all, 100 * of[0][1] / all, 100 * of[0][0] / all);
  } else {
    fmt::print("; agreement is not known: {}", one.agreement.error().message);
  }
  if (one.passed)
    fmt::print(
        "\n  {:.2f} % pass as people would judge, 95 % interval {:.2f} to {:.2f} %; by their labels alone {:.2f} to "
        "{:.2f} %\n",
        100 * one.passed->value, 100 * one.passed->interval.low, 100 * one.passed->interval.high,
        100 * one.passed->labels_alone_interval.low, 100 * one.passed->labels_alone_interval.high);
  else
    fmt::print("\n  what people would let pass is not known: {}\n", one.passed.error().message);
}

}  // namespace

void print_evaluation(const EvaluateReport& report, const std::string& out) {
  fmt::print("{} of {} requests chosen", report.sample.chosen, report.sample.requests);
  if (report.sample.over_budget > 0) fmt::print(", {} left out by the budget", report.sample.over_budget);
  if (report.sample.reported_late > 0)
    fmt::print(", {} reported later and looked at outside of the sample", report.sample.reported_late);
  fmt::print("\n");
  if (report.without_answer > 0)
    fmt::print(
        "{} of those looked at recorded no answer: nothing can be judged there (docs/ingest.md says how content gets "
        "in)\n",
        report.without_answer);
  if (report.sample.unreadable > 0)
    fmt::print("{} unreadable and left out; `tidewatch backtest` on the same files says why\n",
               report.sample.unreadable);
  fmt::print("\n");
  for (const EvaluatedRule& rule : report.rules) print_rule(rule);
  print_judges(report.judged);
  for (const JudgeCalibration& one : report.calibrations) print_calibration(one);
  if (report.unused_labels > 0)
    fmt::print("{} labels are of what no judge of that name judged\n", report.unused_labels);
  fmt::print("\nwritten to {}; tidewatch backtest --evaluations {} judges it over time\n", out, out);
}

}  // namespace tidewatch
