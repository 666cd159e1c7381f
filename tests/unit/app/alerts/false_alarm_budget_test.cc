#include "app/alerts/false_alarm_budget.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "detectors/detect/registry.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;

constexpr Timestamp kNow = Timestamp(std::chrono::hours(24 * 20'000));

v1::Alert alert(std::string_view kind, std::string_view verdict, Duration ago = std::chrono::hours(1)) {
  v1::Alert out;
  out.set_kind(std::string(kind));
  if (!verdict.empty()) out.mutable_mark()->set_verdict(std::string(verdict));
  *out.mutable_starts_at() = to_proto(kNow - ago);
  return out;
}

TEST(SpentBudget, CountsWhatPeopleSaidOfTheLastWeek) {
  AlertStore store;
  store.series = 1'000;
  store.alerts = {alert("point", "false"), alert("shift", "false"), alert("gap", "true"), alert("drift", ""),
                  alert("point", "false", std::chrono::hours(24 * 8))};
  const SpentBudget spent = spent_budget(store, {2, 100}, kNow);
  EXPECT_DOUBLE_EQ(spent.accepted, 20);
  EXPECT_EQ(spent.began, 4u);
  EXPECT_EQ(spent.were_false, 2u);
  EXPECT_EQ(spent.were_true, 1u);
  EXPECT_EQ(spent.are_open, 1u);
}

TEST(SpentBudget, EveryDetectorThatClaimsChanceHasAPartInIt) {
  for (const DetectorInfo& detector : describe_detectors()) {
    AlertStore store;
    store.alerts = {alert(detector.name, "false")};
    const bool is_claimed = detector.name != "threshold" && detector.name != "reference" && detector.name != "novelty";
    EXPECT_EQ(spent_budget(store, {}, kNow).began, is_claimed ? 1u : 0u) << detector.name;
  }
  AlertStore store;
  store.alerts = {alert("budget", "false")};
  EXPECT_EQ(spent_budget(store, {}, kNow).began, 0u) << "of money";
}

TEST(SpentBudget, SaysItToPeople) {
  AlertStore store;
  store.series = 1'240;
  store.alerts = {alert("point", "false"), alert("point", ""), alert("point", "true")};
  const FalseAlarmBudget budget{1, 100};
  const std::string text = budget_text(spent_budget(store, budget, kNow), budget);
  EXPECT_THAT(text, HasSubstr("accepted  12.4 false alarms a week: 1 for each 100 series, and 1240 are watched\n"));
  EXPECT_THAT(text, HasSubstr("spent     1 of the 3 alerts of the last 7 days were marked as false, 8 % of the budget; "
                              "1 as true\n"));
  EXPECT_THAT(text, HasSubstr("unknown   1: "));
}

}  // namespace
}  // namespace tidewatch
