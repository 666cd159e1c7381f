// A series without a past borrows its baseline from a relative: it is judged from its first window on, as rarely wrong
// as it claims, and by its own data as soon as there are enough.
#include <gtest/gtest.h>

#include <cmath>
#include <string_view>

#include "detectors/baseline/baseline.h"
#include "unit/detectors/detect/null_models.h"

namespace tidewatch::testing {
namespace {

/// An endpoint and a version of it, with a tenth of the requests: fewer by night than by day.
struct Family {
  std::string_view name;
  double between;  ///< how much versions differ, on the scale of the kind
  Observation (*draw)(Traffic&, size_t index, double requests, double difference);
};

double requests_at(size_t index) { return 15 * daily(index, 0.6); }

Observation failures(Traffic& traffic, size_t index, double requests, double difference) {
  const double logit = std::log(0.02) + 0.4 * std::log(daily(index, 1)) + difference;
  return traffic.rate_window(1 / (1 + std::exp(-logit)), std::max(1.0, traffic.poisson(requests)), 0.2);
}
Observation latencies(Traffic& traffic, size_t index, double requests, double difference) {
  return traffic.value_window(1.5 * daily(index, 0.3) * std::exp(difference), std::max(2.0, traffic.poisson(requests)),
                              0.5, 0.08);
}
Observation shares(Traffic& traffic, size_t, double requests, double difference) {
  const double n = std::max(2.0, traffic.poisson(requests));
  const double error = 0.2 / std::sqrt(n);
  Observation out = mean(0.8 + 0.8 * difference + 0.01 * traffic.normal() + error * traffic.normal(), error, n);
  out.domain = {0, 1};
  return out;
}
constexpr Family kFamilies[] = {
    {"rates", 0.35, &failures}, {"latencies", 0.25, &latencies}, {"shares", 0.07, &shares}};

/// The endpoint after two weeks.
Playback endpoint(const Family& family, std::string_view detector, uint64_t seed) {
  Playback out({}, detector);
  Traffic traffic(seed);
  while (out.index < 14 * kDay) out.pass(family.draw(traffic, out.index, 10 * requests_at(out.index), 0));
  return out;
}
/// A version that appears then.
Playback version_of(const Playback& parent, std::string_view detector) {
  Playback out({}, detector);
  out.index = parent.index;
  const Baseline* lent = parent.detector->lent();
  EXPECT_NE(lent, nullptr);
  out.detector->borrow(*lent, lent->variance_between({}));
  return out;
}

class Borrowing : public ::testing::TestWithParam<std::tuple<const Family*, std::string_view>> {
 protected:
  const Family& family() const { return *std::get<0>(GetParam()); }
  std::string_view detector() const { return std::get<1>(GetParam()); }
};

TEST_P(Borrowing, AVersionThatIsALittleDifferentIsAsSurprisingAsClaimed) {
  constexpr int kBits[] = {3, 5, 7, 9};
  constexpr uint64_t kParents = 10;
  constexpr uint64_t kVersions = 40;
  double beyond[4] = {};
  double windows = 0;
  double alarms = 0;
  for (uint64_t seed = 1; seed <= kParents; ++seed) {
    const Playback parent = endpoint(family(), detector(), seed);
    for (uint64_t version = 1; version <= kVersions; ++version) {
      Traffic traffic(1000 * seed + version);
      const double difference = family().between * traffic.normal();
      Playback run = version_of(parent, detector());
      bool was_firing = false;
      while (run.index < parent.index + 3 * kDay) {
        const Verdict verdict = run.pass(family().draw(traffic, run.index, requests_at(run.index), difference));
        EXPECT_EQ(verdict.judgement, Judgement::scored);
        windows += 1;
        for (int i = 0; i < 4; ++i) beyond[i] += verdict.surprise >= kBits[i] ? 1 : 0;
        const bool is_firing = verdict.surprise >= kAlertBits;
        alarms += is_firing && !was_firing ? 1 : 0;
        was_firing = is_firing;
      }
    }
  }
  for (int i = 0; i < 4; ++i) {
    const double ratio = beyond[i] / windows * std::exp2(kBits[i]);
    std::printf("%s %s: %d bits: %.2f of what is claimed\n", family().name.data(), detector().data(), kBits[i], ratio);
    EXPECT_LE(ratio, 1.6) << kBits[i] << " bits";
  }
  std::printf("%s %s: %.0f alarms in %.0f windows\n", family().name.data(), detector().data(), alarms, windows);
  EXPECT_LE(alarms, 6) << "1.7 by chance";
}

INSTANTIATE_TEST_SUITE_P(Families, Borrowing,
                         ::testing::Combine(::testing::Values(&kFamilies[0], &kFamilies[1], &kFamilies[2]),
                                            ::testing::Values("point", "shift")),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)->name) + "_" +
                                  std::string(std::get<1>(info.param));
                         });

}  // namespace
}  // namespace tidewatch::testing
