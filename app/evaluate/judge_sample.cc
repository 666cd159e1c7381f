#include "app/evaluate/judge_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/evaluate/real_surroundings.h"
#include "detectors/core/params.h"
#include "detectors/sketch/bottom_k.h"
#include "stream/ingest/mapping/hex.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr size_t kShownFailures = 3;
constexpr size_t kMostAtHand = 500;  ///< requests whose texts the judge holds
constexpr uint64_t kOrderSalt = 5;   ///< 0 to 4 choose

void note(JudgedSummary& summary, const JudgedRequest& judgement) {
  summary.evaluator = judgement.evaluator;
  if (judgement.unjudged == "not_applicable") {
    if (summary.not_applicable++ == 0) summary.why_not = judgement.reason;
    return;
  }
  if (!judgement.was_judged()) {
    ++summary.unjudged[judgement.unjudged];
    return;
  }
  if (!judgement.probability) {
    ++summary.looked_at;
    return;
  }
  ++summary.judged;
  summary.passed.add_trial(judgement.has_passed, 1 / *judgement.probability);
  summary.score.add_value(judgement.score, 1 / *judgement.probability);
  if (!judgement.has_passed && summary.failures.size() < kShownFailures)
    summary.failures.push_back(fmt::format("{}: {}", to_hex(judgement.chosen.request.trace_id()), judgement.reason));
}

void submit(Judge& judge, const ToJudge& request) {
  for (const ChosenRequest& as : request.as)
    if (request.only.empty())
      judge.submit(request.texts, request.labels, as);
    else
      judge.submit_to(request.only, request.texts, as);
}

/// Why there is no use in going on; empty: there is.
std::string reason_to_end(const Judge& judge) {
  std::string said =
      judge.last_fault() ? fmt::format("{} ({})", judge.last_fault()->message, judge.last_fault()->code) : "";
  if (judge.under_way() > 0 && judge.held_back_by() == "cap_reached") return {};  // paid for
  if (judge.held_back_by() == "cap_reached") return "its cap on spending or calls is reached";
  if (judge.held_back_by() == "breaker_open" && judge.last_fault())
    for (const auto* code : {"bad_key", "not_found", "redirected"})
      if (judge.last_fault()->code == code) return said;
  const Duration silent = real_surroundings().monotonic() - judge.last_answered();
  if (silent < judge.options().patience) return {};
  return fmt::format("no answer for {}{}", format_duration(judge.options().patience),
                     said.empty() ? "" : "; at last: " + said);
}

}  // namespace

Result<JudgeReport> judge_sample(JudgeOptions options, std::vector<ToJudge> requests,
                                 const std::function<void(const JudgedRequest&)>& on_judgement,
                                 const std::function<void(double)>& on_progress) {
  options.is_batch = true;
  // All is waited for: nothing leaves for want of room or by age.
  options.backlog.capacity = 1'000'000'000;
  options.backlog.expire.fill(24h * 365);
  JudgeReport report;
  report.has_price = options.chat.price.has_value();
  std::map<std::string, size_t, std::less<>> index_of;
  for (const JudgeRule& rule : options.rules) {
    index_of.emplace(rule.name, report.judges.size());
    report.judges.emplace_back().name = rule.name;
  }
  auto made = Judge::make(std::move(options), real_surroundings());
  if (!made) return made.error();
  Judge& judge = **made;
  std::sort(requests.begin(), requests.end(), [](const ToJudge& a, const ToJudge& b) {
    const auto order = [](const ToJudge& one) { return sampling_rank(one.as.front().request.trace_id(), kOrderSalt); };
    return order(a) < order(b);
  });
  const auto take = [&](const std::vector<JudgedRequest>& judgements) {
    for (const JudgedRequest& judgement : judgements) {
      note(report.judges[index_of.find(judgement.judge)->second], judgement);
      if (judgement.was_judged()) on_judgement(judgement);
    }
  };
  size_t next = 0;
  while (next < requests.size() || judge.pending() > 0) {
    while (next < requests.size() && judge.pending() < kMostAtHand) {
      submit(judge, requests[next]);
      requests[next++].texts = {};
    }
    take(judge.poll(100ms));
    on_progress(static_cast<double>(next - std::min(next, judge.pending())) /
                static_cast<double>(std::max<size_t>(requests.size(), 1)));
    if (judge.pending() == 0 && next == requests.size()) break;
    report.ended_early = reason_to_end(judge);
    if (report.ended_early.empty()) continue;
    for (; next < requests.size(); ++next) submit(judge, requests[next]);
    judge.give_up(judge.held_back_by() == "cap_reached" ? "cap_reached" : "given_up");
    take(judge.poll(0s));
    break;
  }
  report.counts = judge.counts();
  return report;
}

}  // namespace tidewatch
