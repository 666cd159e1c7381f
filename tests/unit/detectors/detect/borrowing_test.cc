// A series without a past borrows its baseline from a relative: it is judged from its first window on, no more often
// wrong than it claims, and by its own data as soon as there are enough.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "detectors/baseline/baseline.h"
#include "sample_share.h"
#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

/// An endpoint, and versions of it that have a tenth of its requests.
struct Family {
  std::string_view name;
  double between;  ///< standard deviation of versions on the scale of the kind: what is taken for usual
  double bad;      ///< difference of a version that is bad
  Observation (*draw)(Traffic&, size_t index, double requests, double difference);
};

/// Eight by night, 27 at four o'clock.
double requests_at(size_t index) { return 15 * daily(index, 0.6); }

/// 2 % on average, more by day than by night; of a bad version 29 %.
Observation failures(Traffic& traffic, size_t index, double requests, double difference) {
  const double logit = std::log(0.02) + 0.4 * std::log(daily(index, 1)) + difference;
  return traffic.rate_window(1 / (1 + std::exp(-logit)), std::max(1.0, traffic.poisson(requests)), 0.2);
}
/// 1.5 s; of a bad version 7.5 s.
Observation latencies(Traffic& traffic, size_t index, double requests, double difference) {
  const double level = 1.5 * daily(index, 0.3) * std::exp(difference);
  return traffic.value_window(level, std::max(2.0, traffic.poisson(requests)), 0.5, 0.08);
}
/// Groundedness of 0.8; of a bad version 0.4.
Observation shares(Traffic& traffic, size_t, double requests, double difference) {
  const double n = std::max(2.0, traffic.poisson(requests));
  const double error = 0.2 / std::sqrt(n);
  const double level = 0.8 * (1 + difference) + 0.01 * traffic.normal();
  Observation out = mean(std::clamp(level + error * traffic.normal(), 0.0, 1.0), error, n);
  out.domain = {0, 1};
  return out;
}

constexpr Family kFamilies[] = {
    {"rates", 0.35, 3.0, &failures}, {"latencies", 0.2, 1.61, &latencies}, {"shares", 0.05, -0.5, &shares}};
constexpr std::string_view kDetectors[] = {"point", "shift"};

/// The endpoint after two weeks.
Playback endpoint(const Family& family, std::string_view detector, uint64_t seed) {
  Playback out({}, detector);
  Traffic traffic(seed);
  while (out.index < 14 * kDay) out.pass(family.draw(traffic, out.index, 10 * requests_at(out.index), 0));
  return out;
}
/// A version that appears some hours later.
Playback version_of(const Playback& parent, std::string_view detector, size_t hours) {
  Playback out({}, detector);
  out.index = parent.index + 12 * hours;
  const Baseline* lent = parent.detector->lent();
  EXPECT_NE(lent, nullptr);
  out.detector->borrow(*lent, lent->variance_between({}));
  return out;
}

class Borrowing : public ::testing::TestWithParam<Family> {};

TEST_P(Borrowing, AVersionThatIsALittleDifferentIsNoMoreSurprisingThanClaimed) {
  constexpr int kBits[] = {3, 5, 7, 9};
  constexpr size_t kEarly = 36;  // windows in which nothing was judged without borrowing
  const uint64_t parents = sampled(10);
  for (const std::string_view detector : kDetectors) {
    double beyond[2][4] = {};
    double windows[2] = {};
    double alarms[2] = {};
    for (uint64_t seed = 1; seed <= parents; ++seed) {
      const Playback parent = endpoint(GetParam(), detector, seed);
      for (uint64_t version = 1; version <= 40; ++version) {
        Traffic traffic(1000 * seed + version);
        const double difference = GetParam().between * traffic.normal();
        Playback run = version_of(parent, detector, version % 24);
        bool was_firing = false;
        for (size_t own = 0; own < 3 * kDay; ++own) {
          const auto seen = GetParam().draw(traffic, run.index, requests_at(run.index), difference);
          const Verdict verdict = run.pass(seen);
          ASSERT_EQ(verdict.judgement, Judgement::scored);
          const size_t which = own < kEarly ? 0 : 1;
          windows[which] += 1;
          for (int i = 0; i < 4; ++i) beyond[which][i] += verdict.surprise >= kBits[i] ? 1 : 0;
          const bool is_firing = verdict.surprise >= kAlertBits;
          alarms[which] += is_firing && !was_firing ? 1 : 0;
          was_firing = is_firing;
        }
      }
    }
    for (const size_t which : {0U, 1U}) {
      const std::string_view when = which == 0 ? "first three hours" : "until the end of the third day";
      std::printf("%s %s, %s: %.0f alarms in %.0f windows;", GetParam().name.data(), detector.data(), when.data(),
                  alarms[which], windows[which]);
      for (int i = 0; i < 4; ++i) {
        const double ratio = beyond[which][i] / windows[which] * std::exp2(kBits[i]);
        std::printf(" %d bits %.2f", kBits[i], ratio);
        // One difference for all windows of a version: 400 of them are the sample, not their windows.
        if (is_full_sample()) {
          EXPECT_LE(ratio, 1.3) << detector << ", " << when << ", " << kBits[i] << " bits";
        }
      }
      std::printf(" of what is claimed\n");
    }
    EXPECT_EQ(alarms[0], 0) << detector << ": 0.07 windows by chance";
    EXPECT_LE(alarms[1], 5) << detector << ": 1.7 windows by chance";
  }
}

TEST_P(Borrowing, AVersionThatIsBadIsFoundInItsFirstHour) {
  const uint64_t parents = sampled(4);
  double found = 0;
  double versions = 0;
  for (uint64_t seed = 1; seed <= parents; ++seed) {
    const Playback parents_of[] = {endpoint(GetParam(), kDetectors[0], seed),
                                   endpoint(GetParam(), kDetectors[1], seed)};
    for (uint64_t version = 1; version <= 50; ++version) {
      Traffic traffic(1000 * seed + version);
      Playback point = version_of(parents_of[0], kDetectors[0], version % 24);
      Playback shift = version_of(parents_of[1], kDetectors[1], version % 24);
      bool is_found = false;
      for (size_t own = 0; own < 12 && !is_found; ++own) {
        const auto seen = GetParam().draw(traffic, point.index, requests_at(point.index), GetParam().bad);
        is_found = std::max(point.pass(seen).surprise, shift.pass(seen).surprise) >= kAlertBits;
      }
      versions += 1;
      found += is_found ? 1 : 0;
    }
  }
  std::printf("%s: %.0f of %.0f found\n", GetParam().name.data(), found, versions);
  EXPECT_GE(found, 0.85 * versions);
}

INSTANTIATE_TEST_SUITE_P(Families, Borrowing, ::testing::ValuesIn(kFamilies),
                         [](const auto& made) { return std::string(made.param.name); });

}  // namespace
}  // namespace tidewatch::testing
