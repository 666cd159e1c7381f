#include "tests/unit/stream/replay.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/sample_share.h"
#include "tests/unit/stream/session/session_run.h"

namespace tidewatch {
namespace {

/// Turns out of order, twice, behind the watermark; sessions that end and begin again, and some that never pause.
std::vector<LogEntry> log_of(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](uint64_t below) { return random() % below; };
  std::vector<LogEntry> out;
  std::vector<std::pair<std::string, std::string>> sent;
  for (int i = 0; i < 300; ++i) {
    const double now = i * 10.0;
    const std::string session = "service=shop,session=" + std::to_string(pick(6));
    const double end = now - static_cast<double>(pick(40));
    v1::Turn next = turn("t" + std::to_string(i), end - static_cast<double>(pick(20)), end, pick(4) << 62);
    next.set_refused(pick(5) == 0);
    next.set_failed(pick(9) == 0);
    if (pick(6) == 0) next = vote("t" + std::to_string(pick(300)), end);
    if (pick(7) != 0 || sent.empty()) sent.emplace_back(session, next.SerializeAsString());
    const auto& [key, value] = pick(8) == 0 ? sent[pick(sent.size())] : sent.back();
    out.push_back(LogEntry::data(key, value));
    if (pick(3) == 0) out.push_back(LogEntry::mark(at(now - 25)));
  }
  out.push_back(LogEntry::mark(at(100'000)));
  return out;
}

TEST(SessionReplay, RestartedAfterAnyCommitGoesOnAsIfNothingHadHappened) {
  SessionOptions options;
  options.gap = std::chrono::seconds(60);
  options.entities = {{"service"}, {"service", "endpoint"}};
  const StageSpec spec = {.name = "session", .inputs = {Stream::turns}, .downstream = {}, .make = [&] {
                            return std::make_unique<Session>(options);
                          }};
  for (uint64_t seed = 1; seed <= sampled(12, 2); ++seed) {
    ReplayCheck check(spec, log_of(seed));
    check.run(1 + seed % 5, 3);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
    const auto& counts = check.outputs().counts();
    for (const auto* name : {"sessions", "late_turns", "duplicate_turns", "late_votes"})
      ASSERT_TRUE(counts.contains({name, ""})) << name << " at seed " << seed;
  }
}

}  // namespace
}  // namespace tidewatch
