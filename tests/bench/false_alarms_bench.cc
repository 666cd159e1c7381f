// False alarms on series in which nothing is wrong, beside what `false_alarms` asked for: twelve weeks of 300 series of
// each kind. `./dev bench false_alarms [series [weeks]]`; the table of docs/false-alarms.md.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/backtest/estimate.h"
#include "unit/detectors/decide/quiet_fleet.h"

namespace tidewatch::testing {
namespace {

Alarms watch_fleet(Quiet kind, size_t series, size_t weeks) {
  Alarms sum;
  for (size_t i = 0; i < series; ++i) {
    const Alarms some = watch_quiet(kind, i, weeks);
    sum.calibrated += some.calibrated;
    sum.fixed += some.fixed;
  }
  return sum;
}

void print(std::string_view name, double asked, const Alarms& seen, size_t weeks) {
  const Duration over = std::chrono::hours(24 * 7 * weeks);
  const Estimate rate = estimate_per_week(seen.calibrated, over);
  std::printf("| %-14s | %5.0f | %5zu | %5.0f to %5.0f | %5zu |\n", std::string(name).c_str(), asked, seen.calibrated,
              rate.low * static_cast<double>(weeks), rate.high * static_cast<double>(weeks), seen.fixed);
}

int run(size_t series, size_t weeks) {
  const double asked = static_cast<double>(series * weeks) / 100;
  std::printf("%zu series of each kind, %zu weeks, 1 false alarm a week on 100 series\n\n", series, weeks);
  std::printf(
      "| kind of series | asked | observed | 95 %% of its mean | detectors' claims alone |\n|---|---|---|---|---|\n");
  Alarms promised;
  for (size_t kind = 0; kind < kQuietKinds; ++kind) {
    const Alarms seen = watch_fleet(static_cast<Quiet>(kind), series, weeks);
    if (kind < kPromisedKinds) {
      promised.calibrated += seen.calibrated;
      promised.fixed += seen.fixed;
    }
    print(name_of(static_cast<Quiet>(kind)), asked, seen, weeks);
    if (kind + 1 == kPromisedKinds) print("all of these", asked * kPromisedKinds, promised, weeks);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace tidewatch::testing

int main(int count, char** arguments) {
  const auto number = [&](int at, size_t usual) {
    return count > at ? static_cast<size_t>(std::strtoul(arguments[at], nullptr, 10)) : usual;
  };
  return tidewatch::testing::run(number(1, 300), number(2, 12));
}
