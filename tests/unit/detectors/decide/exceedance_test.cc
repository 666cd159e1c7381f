// What point and shift claim of windows in which nothing is wrong: b bits are exceeded once in 2^b windows.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include "sample_share.h"
#include "unit/detectors/decide/quiet_fleet.h"

namespace tidewatch::testing {
namespace {

constexpr size_t kWeek = 7 * kDay;
constexpr size_t kLearnt = 8 * kWeek;  ///< what was learnt by then is settled
constexpr int kLeastBits = 3;
constexpr int kMostBits = 10;
using Shape = QuietSeries::Shape;
/// Shares of windows beyond each number of bits, relative to 2^-bits.
using Shares = std::array<double, kMostBits - kLeastBits + 1>;

struct Watched {
  std::string detector;
  Quiet kind;
  size_t series;  ///< of each shape
  size_t weeks;
};
std::string test_name(const ::testing::TestParamInfo<Watched>& info) {
  return fmt::format("{}_on_{}", info.param.detector, name_of(info.param.kind));
}
void PrintTo(const Watched& watched, std::ostream* out) { *out << watched.detector << " on " << name_of(watched.kind); }

class Exceedance : public ::testing::TestWithParam<Watched> {};

Shares exceedances(const Watched& watched, Shape shape, uint64_t seed) {
  QuietWatch watch(watched.detector, 1, Direction::either);
  QuietSeries series(watched.kind, shape, seed);
  Shares beyond{};
  double judged = 0;
  for (size_t i = 0; i < watched.weeks * kWeek; ++i) {
    const Verdict verdict = watch.judge(window_at(i, series.next()));
    if (i < kLearnt || verdict.judgement != Judgement::scored) continue;
    judged += 1;
    for (int bits = kLeastBits; bits <= kMostBits && verdict.surprise >= bits; ++bits)
      beyond[static_cast<size_t>(bits - kLeastBits)] += std::exp2(bits);
  }
  for (double& share : beyond) share /= judged;
  return beyond;
}

TEST_P(Exceedance, IsWithinTwentyPercentOfTheClaim) {
  const Watched& watched = GetParam();
  std::vector<Shape> shapes{Shape::latency, Shape::rate};
  if (watched.kind != Quiet::bursty) shapes.push_back(Shape::count);  // a burst of a count is what is looked for
  std::vector<Shares> seen;
  const size_t series = sampled(watched.series);
  for (const Shape shape : shapes)
    for (uint64_t seed = 1; seed <= series; ++seed) seen.push_back(exceedances(watched, shape, seed));
  std::string line = fmt::format("{:<6} {:<14}", watched.detector, name_of(watched.kind));
  for (size_t i = 0; i < Shares{}.size(); ++i) {
    const auto count = static_cast<double>(seen.size());
    double mean = 0;
    double squares = 0;
    for (const Shares& one : seen) mean += one[i] / count;
    for (const Shares& one : seen) squares += (one[i] - mean) * (one[i] - mean);
    const double error = std::sqrt(squares / (count - 1) / count);  // of the mean, by the spread between series
    line += fmt::format("  {:.2f} ± {:.2f}", mean, error);
    if (!is_full_sample()) continue;
    // Two standard errors are chance. They are small for point; a shift's windows come in excursions, of which few
    // reach ten bits.
    EXPECT_NEAR(mean, 1, 0.2 + 2 * error) << kLeastBits + static_cast<int>(i) << " bits";
    EXPECT_LE(error, 0.25) << "the sample says something";
  }
  std::printf("%s\n", line.c_str());
}

std::vector<Watched> all() {
  std::vector<Watched> out;
  for (const Quiet kind : {Quiet::few_data, Quiet::many_data, Quiet::bursty, Quiet::autocorrelated, Quiet::seasonal}) {
    out.push_back({"point", kind, 3, 40});
    out.push_back({"shift", kind, 6, 72});
  }
  return out;
}
INSTANTIATE_TEST_SUITE_P(Quiet, Exceedance, ::testing::ValuesIn(all()), test_name);

}  // namespace
}  // namespace tidewatch::testing
