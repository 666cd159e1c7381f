#include "app/evaluate/evaluate_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <tuple>
#include <utility>

#include "stream/evaluate/evaluation_event.h"
#include "stream/evaluate/trace_texts.h"
#include "stream/evaluate/validators/rule.h"
#include "stream/ingest/mapping/hex.h"
#include "stream/publish/encoder.h"

namespace tidewatch {
namespace {

constexpr size_t kShownFailures = 3;

Timestamp time_of(const ChosenRequest& chosen) { return Timestamp(Duration(chosen.request.time_unix_nano())); }

void note(EvaluatedRule& rule, const ChosenRequest& chosen, const Validation& found) {
  if (!chosen.probability) return;
  if (!found.is_applicable()) {
    if (rule.not_applicable++ == 0) rule.why_not = found.why;
    return;
  }
  ++rule.judged;
  const bool has_passed = found.has_passed();
  rule.passed.add_trial(has_passed, 1 / *chosen.probability);
  if (!has_passed && rule.failures.size() < kShownFailures)
    rule.failures.push_back(fmt::format("{}: {}", to_hex(chosen.request.trace_id()), found.why));
}

/// Evaluations on their way to the file, which is in the order of time, as a stream of them has to be.
class Evaluations {
 public:
  void add(const v1::EvaluationEvent& event) {
    const auto& time = event.time();
    lines_.push_back({time.seconds(), time.nanos(), encode(event, WireFormat::json)});
  }
  Status write(std::ofstream& file, const std::string& name) {
    std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
      return std::tie(a.seconds, a.nanos) < std::tie(b.seconds, b.nanos);
    });
    for (const Line& line : lines_) file << line.json << '\n';
    file.close();
    return file ? ok_status() : Status(Error{"write_failed", fmt::format("{}: cannot be written", name)});
  }

 private:
  struct Line {
    int64_t seconds;
    int32_t nanos;
    std::string json;
  };
  std::vector<Line> lines_;
};

/// What rules say of the requests; and those requests as a judge takes them, if there is one.
std::vector<ToJudge> check_rules(const EvaluateRequest& request, const RuleValidators& validators, const Sample& sample,
                                 EvaluateReport& report, Evaluations& evaluations) {
  std::map<std::string, size_t, std::less<>> index_of;
  for (const ValidatorRule& rule : request.config.validators) {
    index_of.emplace(rule.name, report.rules.size());
    report.rules.emplace_back().name = rule.name;
  }
  std::vector<ToJudge> out;
  for (const SampledRequest& sampled : sample.requests) {
    if (!sampled.texts) {
      ++report.without_answer;
      continue;
    }
    auto labels = labels_of(sampled.as.front().request);
    for (const auto& [rule, found] : validators.check(reviewed(*sampled.texts), labels))
      for (const ChosenRequest& as : sampled.as) {
        note(report.rules[index_of.find(rule->name)->second], as, found);
        if (found.is_applicable()) evaluations.add(evaluation_event(as, *rule, found, time_of(as)));
      }
    if (!request.config.judge.rules.empty()) out.push_back({judged(*sampled.texts), std::move(labels), sampled.as});
  }
  return out;
}

}  // namespace

Result<EvaluateReport> evaluate_files(const EvaluateRequest& request, const std::function<void(double)>& on_progress) {
  const Config& config = request.config;
  if (!config.assemble.sampling.is_on())
    return Error{"bad_data",
                 "the config samples nothing: say which requests in its section sampling, as in "
                 "sampling: {random: 5%}"};
  if (config.validators.empty() && config.judge.rules.empty())
    return Error{"bad_data",
                 "the config has no validators and no judges: nothing would be judged; docs/validators.md and "
                 "docs/judge.md have them"};
  const auto validators = RuleValidators::make(config.validators);
  if (!validators) return validators.error();
  auto labels = request.labels.empty() ? Result<HumanLabels>(HumanLabels()) : read_human_labels(request.labels);
  if (!labels) return labels.error();
  Calibration calibration(std::move(labels).value());
  EvaluateReport report;
  std::ofstream out(request.out);
  if (!out) return Error{"write_failed", fmt::format("{}: cannot be written", request.out)};  // before the work is done
  const double reading = config.judge.rules.empty() ? 1 : 0.2;
  const auto on_read = [&](double done) { on_progress(reading * done); };
  const auto sample = read_sample(config, request.files, {}, on_read);
  if (!sample) return sample.error();
  report.sample = sample->counts;

  Evaluations evaluations;
  auto to_judge = check_rules(request, *validators, *sample, report, evaluations);
  if (!config.judge.rules.empty()) {
    const auto on_judgement = [&](const JudgedRequest& one) {
      evaluations.add(to_event(one));
      calibration.add(one);
    };
    auto judged = judge_sample(config.judge, std::move(to_judge), on_judgement,
                               [&](double done) { on_progress(reading + (1 - reading) * done); });
    if (!judged) return judged.error();
    report.judged = std::move(judged).value();
    report.calibrations = calibration.result();
    report.unused_labels = calibration.unused();
  }
  if (auto written = evaluations.write(out, request.out); !written) return written.error();
  return report;
}

}  // namespace tidewatch
