// What every detector of the registry promises (detector.h), tested on each.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "detectors/baseline/baseline.h"
#include "unit/detectors/detect/null_models.h"
#include "unit/detectors/sketch/damage.h"

namespace tidewatch::testing {
namespace {

class Conformance : public ::testing::TestWithParam<NullModel> {};

std::string state_of(const Detector& detector) {
  ByteWriter out;
  detector.save(out);
  return std::move(out).bytes();
}

Status restore(Detector& detector, const std::string& state) {
  ByteReader in(state);
  return detector.load(in);
}

std::unique_ptr<Detector> fresh(const NullModel& model) {
  return make_detector(model.detector, model.settings, model.observations).value();
}

/// Every bit of a verdict.
std::vector<uint64_t> bits_of(const Verdict& verdict) {
  std::vector<uint64_t> out{static_cast<uint64_t>(verdict.judgement), static_cast<uint64_t>(verdict.direction),
                            verdict.observation, verdict.since_windows, verdict.suppresses_quality ? 1U : 0U};
  for (const double value : {verdict.surprise, verdict.effect, verdict.effect_absolute, verdict.value, verdict.expected,
                             verdict.expected_low, verdict.expected_high})
    out.push_back(std::bit_cast<uint64_t>(value));
  for (const Contribution& part : verdict.contributions) {
    out.push_back(part.observation);
    out.push_back(part.with.value_or(part.observation));
    out.push_back(std::bit_cast<uint64_t>(part.bits));
  }
  return out;
}

void expect_sane(const Verdict& verdict) {
  EXPECT_GE(verdict.surprise, 0);
  EXPECT_LE(verdict.surprise, kMaxSurprise);
  EXPECT_FALSE(std::signbit(verdict.surprise)) << "prints as -0";
  if (verdict.judgement == Judgement::missing) return;
  EXPECT_TRUE(std::isfinite(verdict.effect));
  EXPECT_TRUE(std::isfinite(verdict.expected));
  EXPECT_FALSE(std::isnan(verdict.expected_low) || std::isnan(verdict.expected_high));
  double bits = 0;
  for (const Contribution& part : verdict.contributions) bits += part.bits;
  if (verdict.contributions.empty()) return;
  EXPECT_NEAR(bits, verdict.surprise, 1e-6 * (1 + verdict.surprise));
}

/// Observations that no measure should ever show, each in the place of a good one.
std::vector<Observation> broken(const Observation& good) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<Observation> out;
  for (const double value : {kNan, kInfinity, -kInfinity, -1.0, 1e300, -1e300, 0.0, 1e-300})
    for (const auto member : {&Observation::value, &Observation::variance, &Observation::n, &Observation::successes,
                              &Observation::trials, &Observation::events}) {
      out.push_back(good);
      out.back().*member = value;
    }
  for (const MeasureKind kind : {MeasureKind::rate, MeasureKind::distribution, MeasureKind::sum, MeasureKind::distinct,
                                 MeasureKind::composition}) {
    out.push_back(good);
    out.back().kind = kind;
    out.push_back(nothing(kind));
  }
  out.push_back({});
  return out;
}

TEST_P(Conformance, MemoryDoesNotGrowWithWindows) {
  NullPlayback run(GetParam(), 1);
  while (run.index < 3000) run.pass();  // each hour of the week once
  const size_t bytes = run.detector->memory_bytes();
  const size_t saved = state_of(*run.detector).size();
  while (run.index < 23000) run.pass();
  // Findings that are named, and a period that is filling, are a few more bytes.
  EXPECT_LE(run.detector->memory_bytes(), bytes + 256);
  EXPECT_LE(state_of(*run.detector).size(), saved + 128);
  EXPECT_LT(bytes, 16384U);
}

TEST_P(Conformance, RestoredScoresAreTheSameToTheLastBit) {
  const NullModel& model = GetParam();
  for (const size_t at : {0, 1, 2, 5, 35, 36, 37, 100, 287, 1000, 2016, 4000}) {
    NullPlayback original(model, at + 1);
    while (original.index < at) original.pass();
    // An incident under way has state of its own.
    for (int i = 0; at > 100 && i < 5; ++i) {
      auto seen = original.draw();
      for (Observation& each : seen) each = nothing(each.kind);
      for (size_t k = 0; i % 2 == 0 && k < seen.size(); ++k) {
        seen[k] = original.seen[k];
        seen[k].value *= 3;
      }
      original.learn(seen, original.look(seen));
    }
    const std::string state = state_of(*original.detector);
    NullPlayback restored(model, 0);
    ASSERT_TRUE(restore(*restored.detector, state).ok());
    EXPECT_EQ(state_of(*restored.detector), state) << "after " << at << " windows";
    EXPECT_EQ(restored.detector->warm(), original.detector->warm());
    EXPECT_EQ(restored.detector->memory_bytes(), original.detector->memory_bytes());
    restored.index = original.index;
    for (int i = 0; i < 100; ++i) {
      const auto seen = original.draw();
      restored.siblings = original.siblings;
      const Verdict verdict = original.look(seen);
      ASSERT_EQ(bits_of(restored.look(seen)), bits_of(verdict)) << "after " << at << " + " << i << " windows";
      original.learn(seen, verdict);
      restored.learn(seen, verdict);
    }
  }
}

TEST_P(Conformance, WhatIsLentIsACopyThatIsRestoredToTheLastBit) {
  const NullModel& model = GetParam();
  NullPlayback lender(model, 1);
  EXPECT_EQ(lender.detector->lent(), nullptr) << "nothing was learnt yet";
  while (lender.index < 3000) lender.pass();
  const Baseline* lent = lender.detector->lent();
  if (lent == nullptr) return;
  const std::string state = state_of(*lender.detector);
  NullPlayback heir(model, 2);
  heir.index = lender.index;
  heir.detector->borrow(*lent, lent->variance_between({}));
  EXPECT_TRUE(heir.detector->warm());
  for (uint32_t own = 0; own < 100; ++own) {
    const auto borrowing = heir.detector->borrowing();
    EXPECT_EQ(borrowing, own < 36 ? std::optional(own) : std::nullopt);
    EXPECT_EQ(heir.detector->lent() == nullptr, borrowing.has_value()) << "what is borrowed is not lent on";
    NullPlayback restored(model, 0);
    ASSERT_TRUE(restore(*restored.detector, state_of(*heir.detector)).ok());
    EXPECT_EQ(restored.detector->borrowing(), borrowing);
    restored.index = heir.index;
    const auto seen = heir.draw();
    ASSERT_EQ(bits_of(restored.look(seen)), bits_of(heir.look(seen))) << own;
    heir.learn(seen, heir.look(seen));
  }
  EXPECT_EQ(heir.detector->memory_bytes(), lender.detector->memory_bytes());
  EXPECT_EQ(state_of(*lender.detector), state);
}

TEST_P(Conformance, TheSameWindowsGiveTheSameVerdicts) {
  NullPlayback first(GetParam(), 9);
  NullPlayback second(GetParam(), 9);
  for (int i = 0; i < 1500; ++i) ASSERT_EQ(bits_of(first.pass()), bits_of(second.pass()));
}

TEST_P(Conformance, WhatIsExpectedDoesNotDependOnWhatIsSeen) {
  NullPlayback run(GetParam(), 2);
  while (run.index < 1000) run.pass();
  const auto seen = run.draw();
  auto other = seen;
  for (Observation& each : other) {
    each.value *= 1.5;
    each.successes *= 1.5;
    each.events *= 1.5;
  }
  const std::string before = state_of(*run.detector);
  const Verdict a = run.look(seen);
  const Verdict b = run.look(other);
  EXPECT_EQ(state_of(*run.detector), before) << "score() learns";
  EXPECT_EQ(bits_of(run.look(seen)), bits_of(a));
  // One measure, or a pair; and the run of windows, which may depend on what is seen.
  const auto subject = [](const Verdict& verdict) {
    return std::tuple(verdict.observation, verdict.since_windows,
                      verdict.contributions.empty() ? std::nullopt : verdict.contributions.front().with);
  };
  if (subject(a) == subject(b)) {
    EXPECT_EQ(a.expected, b.expected);
  }
}

TEST_P(Conformance, BrokenObservationsNeitherCrashNorStay) {
  const NullModel& model = GetParam();
  NullPlayback run(model, 3);
  NullPlayback clean(model, 3);
  while (run.index < 600) {
    run.pass();
    clean.pass();
  }
  const auto good = run.draw();
  for (size_t which = 0; which < model.observations; ++which)
    for (const Observation& bad : broken(good[which])) {
      auto seen = good;
      seen[which] = bad;
      const Verdict verdict = run.look(seen);
      expect_sane(verdict);
      run.detector->learn(run.window(seen), {.anomalous = true, .weight = 0.0});
      expect_sane(run.look(good));
      run.detector->learn(run.window(seen), {.anomalous = verdict.surprise >= kAlertBits});
      expect_sane(run.look(good));
    }
  Window odd = run.window(good);
  odd.width = Duration::zero();
  odd.season = {.hour = 99, .weekday = 99, .holiday = true};
  expect_sane(run.detector->score(odd, {}));
  run.detector->learn(odd, {});
  odd.observations = {};
  EXPECT_EQ(run.detector->score(odd, {}).judgement, Judgement::missing);
  run.detector->learn(odd, {.weight = std::numeric_limits<double>::quiet_NaN()});
  ASSERT_TRUE(restore(*fresh(model), state_of(*run.detector)).ok()) << "what is saved can be loaded";
  // A week later nothing is left of it.
  for (size_t i = 0; i < 7 * kDay; ++i) run.pass();
  const Verdict verdict = run.look(good);
  expect_sane(verdict);
  if (model.has_null) {
    EXPECT_LT(verdict.surprise, 12);
  }
}

TEST_P(Conformance, GapsAreNoReasonToAlarmAfterwards) {
  const NullModel& model = GetParam();
  if (!model.has_null || model.detector == "gap") return;
  NullPlayback run(model, 4);
  while (run.index < 14 * kDay) run.pass();
  for (size_t i = 0; i < 2 * kDay; ++i) {
    auto none = run.draw();
    for (Observation& each : none) each = nothing(each.kind);
    const Verdict verdict = run.look(none);
    ASSERT_EQ(verdict.judgement, Judgement::missing);
    run.learn(none, verdict);
  }
  double most = 0;
  for (size_t i = 0; i < 2 * kDay; ++i) most = std::max(most, run.pass().surprise);
  EXPECT_LT(most, kAlertBits);
}

TEST_P(Conformance, SparseDataMakeNoAlarm) {
  const NullModel& model = GetParam();
  if (!model.has_null) return;
  // One to three requests by window of half of the windows, a rate that jumps from 0 to 1, values over two decades.
  size_t alarms = 0;
  size_t windows = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    NullPlayback run(model, seed);
    while (run.index < 14 * kDay) {
      auto seen = run.draw();
      for (Observation& each : seen) {
        const double n = run.traffic.uniform() < 0.5 ? 0 : 1 + std::floor(3 * run.traffic.uniform());
        const double value = std::exp(run.traffic.normal());
        if (n == 0)
          each = nothing(each.kind);
        else if (each.kind == MeasureKind::rate)
          each = rate(run.traffic.binomial(n, 0.3), n);
        else if (each.kind == MeasureKind::distribution)
          each = mean(value, value / std::sqrt(n), n);
        else
          each = {.kind = each.kind, .value = n, .variance = n, .n = n, .events = n};
      }
      for (Siblings& each : run.siblings)
        if (each.together.kind == MeasureKind::rate) each.together = rate(run.traffic.binomial(10, 0.3), 10);
      const Verdict verdict = run.look(seen);
      alarms += verdict.judgement == Judgement::scored && verdict.surprise >= kAlertBits ? 1 : 0;
      windows += 1;
      run.learn(seen, verdict);
    }
  }
  EXPECT_LE(alarms, 2U) << "of " << windows << " windows; 0.2 by chance";
}

TEST_P(Conformance, DamagedStateIsRefusedOrHarmless) {
  const NullModel& model = GetParam();
  NullPlayback run(model, 5);
  while (run.index < 400) run.pass();
  const auto seen = run.draw();
  const std::string good = state_of(*run.detector);
  const auto before = bits_of(run.look(seen));
  std::set<std::string> codes;
  const size_t calls = for_each_damage(good, [&](const std::string& bytes) {
    const auto loaded = restore(*run.detector, bytes);
    if (!loaded) {
      codes.insert(loaded.error().code);
      ASSERT_EQ(bits_of(run.look(seen)), before) << "a refused state must change nothing";
      return;
    }
    expect_sane(run.look(seen));
    run.detector->learn(run.window(seen), {});
    ASSERT_TRUE(restore(*run.detector, good).ok());
  });
  EXPECT_GE(calls, 2000U);
  codes.erase("corrupt");
  codes.erase("unknown_version");
  EXPECT_TRUE(codes.empty()) << *codes.begin();
  std::string newer = good;
  newer[0] = static_cast<char>(200);
  const auto loaded = restore(*run.detector, newer);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, "unknown_version");
}

INSTANTIATE_TEST_SUITE_P(Registry, Conformance, ::testing::ValuesIn(null_models()), test_name);

TEST(DetectorRegistry, ParametersOutOfRangeAreRefusedByName) {
  for (const DetectorInfo& info : describe_detectors()) {
    EXPECT_FALSE(info.help.empty());
    for (const ParamInfo& param : info.params) {
      EXPECT_FALSE(param.help.empty()) << info.name << "." << param.name;
      for (const double end : {param.allowed.low, param.allowed.high}) {
        if (!std::isfinite(end)) continue;
        const double beyond = end + (end == param.allowed.low ? -1 : 1) * (1 + std::abs(end));
        const auto made = make_detector(info.name, {{param.name, fmt::format("{}", beyond)}});
        ASSERT_FALSE(made.ok()) << info.name << "." << param.name << " = " << beyond;
        EXPECT_EQ(made.error().code, "bad_value");
        EXPECT_NE(made.error().message.find(param.name), std::string::npos);
      }
      EXPECT_EQ(make_detector(info.name, {{param.name, "many"}}).ok(), param.type == "string");
      if (param.default_value.empty()) continue;
      EXPECT_TRUE(make_detector(info.name, {{param.name, param.default_value}}).ok()) << param.name;
    }
  }
}

TEST(DetectorRegistry, UnknownNamesGetTheNearestRightOne) {
  for (const DetectorInfo& info : describe_detectors()) {
    const auto made = make_detector(info.name + "x", {});
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code, "unknown_detector");
    EXPECT_NE(made.error().message.find("did you mean \"" + info.name + "\"?"), std::string::npos);
    for (const ParamInfo& param : info.params) {
      const auto misspelt = make_detector(info.name, {{param.name + "x", "1"}});
      ASSERT_FALSE(misspelt.ok());
      EXPECT_EQ(misspelt.error().code, "unknown_key");
      EXPECT_NE(misspelt.error().message.find("did you mean \"" + param.name + "\"?"), std::string::npos);
    }
  }
  EXPECT_EQ(check_detector("nothing_like_it", {}).error().code, "unknown_detector");
}

}  // namespace
}  // namespace tidewatch::testing
