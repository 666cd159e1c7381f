#include "tests/unit/stream/replay.h"

#include <gtest/gtest.h>

#include <random>

#include "stream/assemble/assemble.h"
#include "tests/unit/stream/assemble/fragments.h"

namespace tidewatch {
namespace {

/// Traffic with everything that goes wrong: spans and votes out of order, sent again, behind the watermark, after their
/// request was closed and after it was forgotten, traces that are full.
std::vector<LogEntry> log_of(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](uint64_t below) { return random() % below; };
  std::vector<LogEntry> out;
  std::vector<v1::Fragment> sent;
  for (int i = 0; i < 260; ++i) {
    const double now = i * 2.0;
    const std::string trace = "trace-" + std::to_string(i / 12 + static_cast<int>(pick(4)));
    v1::Fragment next;
    switch (pick(9)) {
      case 0:
        next = fragment(trace, {root("r" + trace, now - 3, now)}, i);
        break;
      case 1:
        next = fragment(trace, thumb("f" + std::to_string(pick(3)), now - static_cast<double>(pick(30)), pick(2) == 0,
                                     static_cast<v1::FeedbackOp>(pick(3))));
        break;
      case 2:
        next = sent.empty() ? fragment(trace, evaluation("e", now, "x", 0.5)) : sent[pick(sent.size())];
        break;
      case 3:
        next = seeking(pick(2) == 0 ? "r" + trace : "m" + std::to_string(pick(3)) + trace,
                       thumb("f" + std::to_string(pick(3)), now - static_cast<double>(pick(30)), pick(2) == 0,
                             static_cast<v1::FeedbackOp>(pick(3))));
        break;
      case 4:
        next = asked("s" + std::to_string(pick(2)), trace, now - 3, now - static_cast<double>(pick(3)));
        break;
      case 5:
        next = on_session("s" + std::to_string(pick(2)),
                          thumb("g" + std::to_string(pick(9)), now - static_cast<double>(pick(40)), pick(2) == 0,
                                static_cast<v1::FeedbackOp>(pick(3))));
        break;
      default: {
        auto call = llm("m" + std::to_string(pick(9)) + trace, (pick(3) == 0 ? "m1" : "r") + trace, now - 1,
                        now - static_cast<double>(pick(40)));
        answered(call, pick(3) == 0);
        next = fragment(trace, {call}, i);
      }
    }
    sent.push_back(next);
    out.push_back(LogEntry::data(trace, next.SerializeAsString()));
    if (pick(3) == 0) out.push_back(LogEntry::mark(at(now - 20)));
  }
  out.push_back(LogEntry::mark(at(2000)));
  return out;
}

TEST(AssembleReplay, RestartedAfterAnyCommitGoesOnAsIfNothingHadHappened) {
  AssembleOptions options;
  options.trace_timeout = std::chrono::seconds(20);
  options.join_horizon = std::chrono::seconds(50);
  options.max_spans_per_trace = 6;
  options.sampling.random = 0.3;
  options.sampling.strata = {"model"};
  options.sampling.minimum_per_hour = 360;  // two a period
  options.sampling.period = std::chrono::seconds(20);
  const StageSpec spec{"assemble", {Stream::fragments}, {{.stream = Stream::partials}}, false, false, [&] {
                         return std::make_unique<Assemble>(options);
                       }};
  uint64_t of_unknown_sessions = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    ReplayCheck check(spec, log_of(seed));
    check.run(1 + seed % 5, 3);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
    ASSERT_GT(check.outputs().counts().at({"requests", ""}), 5u);
    ASSERT_GT(check.outputs().counts().at({"late_spans", ""}), 0u);
    ASSERT_GT(check.outputs().counts().at({"eval_candidates", ""}), 0u);
    ASSERT_GT(check.outputs().counts().at({"corrected_feedback", ""}), 0u);
    ASSERT_GT(check.outputs().counts().at({"joined_by_span", ""}), 0u);
    const auto& counts = check.outputs().counts();
    const auto unmatched = counts.find({"unmatched_feedback", "session"});
    if (unmatched != counts.end()) of_unknown_sessions += unmatched->second;
  }
  EXPECT_GT(of_unknown_sessions, 0u);
}

}  // namespace
}  // namespace tidewatch
