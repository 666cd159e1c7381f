#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/stream/detect/detect_run.h"
#include "tests/unit/stream/replay.h"
#include "tidewatch/v1/state.pb.h"

namespace tidewatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kMini = "service=shop,endpoint=/chat,model=mini";
constexpr std::string_view kLarge = "service=shop,endpoint=/chat,model=large";
constexpr double kDay = 60 * 24;

BudgetRule budget(double amount, EntityGroup entity = {"service"}) {
  BudgetRule out;
  out.name = "daily";
  out.entity = std::move(entity);
  out.amount = amount;
  out.time_zone = "UTC";
  out.forecasts = false;
  return out;
}

DetectOptions options_with(std::vector<BudgetRule> budgets) {
  DetectOptions out = quick_options({});
  out.entities = {{"service"}, {"service", "endpoint"}, {"service", "endpoint", "model"}};
  out.score_window = std::chrono::minutes(5);
  out.budgets = std::move(budgets);
  return out;
}

/// A minute in which `requests` cost so much together.
PartialOf spend(std::string_view key, double minute, double usd, int requests = 10, double output_tokens = 0) {
  PartialOf out(key, minute);
  out.requests(requests).values("cost", {usd});
  if (output_tokens > 0) out.values("output_tokens", {output_tokens});
  return out;
}

void spend_for(DetectRun& run, double from, double to, double usd_an_hour, std::string_view key = kShop) {
  for (double m = from; m < to; ++m) {
    run.feed(spend(key, m, usd_an_hour / 60));
    run.watermark(m + 1);
  }
}

std::vector<std::string> told(const DetectRun& run) {
  std::vector<std::string> out;
  for (const auto& alert : run.alerts()) out.push_back(alert.transition() + " " + alert.severity());
  return out;
}

/// The sentence of the first alert that fired on the second day.
std::string why_of_second_day(const DetectRun& run) {
  for (const auto& alert : run.alerts())
    if (alert.state() == "firing" &&
        alert.observed_at().seconds() > minute(kDay).time_since_epoch().count() / 1'000'000'000)
      return alert.why();
  return "";
}

TEST(Budgets, AreToldInASentenceWithFigures) {
  DetectRun run(options_with({budget(50)}));
  spend_for(run, 0, 60 * 15, 3);
  ASSERT_THAT(told(run), ElementsAre("fired ticket", "fired ticket"));
  const v1::Alert alert = run.alerts()[1];
  EXPECT_EQ(alert.kind(), "budget");
  EXPECT_EQ(alert.rule(), "daily");
  EXPECT_EQ(alert.measure(), "cost");
  EXPECT_EQ(alert.unit(), "usd");
  EXPECT_NEAR(alert.value(), 40, 0.3);
  EXPECT_EQ(alert.expected(), 50);
  EXPECT_EQ(alert.labels().at("service"), "shop");
  EXPECT_THAT(alert.why(), HasSubstr("Budget daily: service=shop has spent 40."));
  EXPECT_THAT(alert.why(), HasSubstr("of 50.00 USD of Monday 2024-01-01 by 13:2"));
  EXPECT_THAT(alert.why(), HasSubstr("(80 %), at 3.00 an hour lately; it will be 7"));
  EXPECT_THAT(alert.why(), HasSubstr("by the end of the day, if all hours are alike."));
}

TEST(Budgets, AFullOnePagesAndEndsWithTheDay) {
  DetectRun run(options_with({budget(50)}));
  spend_for(run, 0, kDay + 10, 3);
  ASSERT_THAT(told(run), ElementsAre("fired ticket", "fired ticket", "fired page", "resolved ticket", "resolved ticket",
                                     "resolved page"));
  EXPECT_EQ(run.alerts()[2].id(), run.alerts()[5].id());
  EXPECT_THAT(run.alerts()[5].why(), HasSubstr("spent 72.00 of 50.00 USD of Monday 2024-01-01, which is over."));
}

TEST(Budgets, DaysAreThoseOfTheirTimeZoneAndMoneyOfItsCurrency) {
  BudgetRule rule = budget(40);
  rule.time_zone = "America/New_York";  // its day begins at 05:00 UTC
  rule.currency = "EUR";
  DetectOptions options = options_with({rule});
  options.currencies = {{"EUR", 1.25, kMinTimestamp}};
  DetectRun run(options);
  spend_for(run, 0, kDay + 10, 2.5);  // 2 EUR
  ASSERT_THAT(told(run), ElementsAre("fired ticket", "fired ticket"));
  EXPECT_NEAR(run.alerts()[0].value(), 25, 0.3) << "20 EUR in USD";
  EXPECT_THAT(run.alerts()[0].why(), HasSubstr("has spent 20."));
  EXPECT_THAT(run.alerts()[0].why(), HasSubstr("of 40.00 EUR of Monday 2024-01-01 by 10:0"));
}

TEST(Budgets, AreOfTheEntitiesThatTheyName) {
  BudgetRule rule = budget(1, {"service", "endpoint"});
  rule.where = {{"endpoint", {"/re*"}}};
  DetectRun run(options_with({rule}));
  for (double m = 0; m < 30; ++m) {
    for (const auto* key : {"service=shop", "service=shop,endpoint=/chat", "service=shop,endpoint=/report"})
      run.feed(spend(key, m, 0.1));
    run.watermark(m + 1);
  }
  ASSERT_FALSE(run.alerts().empty());
  for (const auto& alert : run.alerts()) EXPECT_EQ(alert.labels().at("endpoint"), "/report");
}

TEST(Budgets, SayWhereTheRiseComesFrom) {
  DetectRun run(options_with({budget(20, {"service", "endpoint"})}));
  for (double m = 0; m < kDay * 2 - 10; ++m) {
    const bool is_late = m > kDay * 2 - 300;
    const double large = is_late ? 0.08 : 0.002;
    run.feed(spend(kMini, m, 0.004, 20, 4000));
    run.feed(spend(kLarge, m, large, 2, is_late ? 8000 : 200));
    run.feed(spend(kChat, m, 0.004 + large, 22, 4000 + (is_late ? 8000 : 200)));
    run.watermark(m + 1);
  }
  const std::string why = why_of_second_day(run);
  EXPECT_THAT(why, HasSubstr("most of the rise (100 %): model=large"));
  EXPECT_THAT(why, HasSubstr("output tokens per request"));
  EXPECT_THAT(why, HasSubstr("per request instead of"));
}

TEST(Budgets, ARarelyUsedEndpointThatTakesTheMoneyIsFound) {
  constexpr std::string_view kReport = "service=shop,endpoint=/report";
  DetectOptions options = options_with({budget(14)});
  options.colocate = {"service"};  // so that the service's task has its endpoints
  DetectRun run(options);
  for (double m = 0; m < kDay * 2 - 10; ++m) {
    const bool is_report = static_cast<int>(m) % 30 == 0;  // two an hour, of 602
    const double report = !is_report ? 0 : m > kDay * 2 - 300 ? 1.5 : 0.02;
    run.feed(spend(kChat, m, 0.005, 10, 2000));
    if (is_report) run.feed(spend(kReport, m, report, 1, report * 1e5));
    run.feed(spend(kShop, m, 0.005 + report, is_report ? 11 : 10, 2000 + report * 1e5));
    run.watermark(m + 1);
  }
  const std::string why = why_of_second_day(run);
  EXPECT_THAT(why, HasSubstr("endpoint=/report"));
  EXPECT_THAT(why, HasSubstr("of what is spent and usually"));
  EXPECT_THAT(why, HasSubstr("USD per request instead of"));
}

TEST(Budgets, OneThatIsGoneFromTheConfigEndsItsAlerts) {
  DetectRun before(options_with({budget(50)}));
  spend_for(before, 0, 60 * 10, 3);
  ASSERT_EQ(told(before).size(), 1u);
  DetectRun after(options_with({}));
  after.restore(before.state(), 60 * 10);
  spend_for(after, 60 * 10, 60 * 10 + 10, 3);
  ASSERT_THAT(told(after), ElementsAre("resolved ticket"));
  EXPECT_EQ(after.alerts()[0].id(), before.alerts()[0].id());
  EXPECT_THAT(after.alerts()[0].why(), HasSubstr("no longer in the config"));
}

TEST(Budgets, AnotherAmountKeepsWhatWasSpent) {
  DetectRun before(options_with({budget(100)}));
  spend_for(before, 0, 60 * 10, 3);
  EXPECT_TRUE(told(before).empty());
  DetectRun after(options_with({budget(40)}));
  after.restore(before.state(), 60 * 10);
  spend_for(after, 60 * 10, 60 * 10 + 10, 3);
  EXPECT_THAT(told(after), ElementsAre("fired ticket"));
}

TEST(Budgets, LateSpendIsChargedThoughItIsInNoScore) {
  DetectRun run(options_with({budget(10)}));
  spend_for(run, 0, 60, 3);
  run.feed(spend(kShop, 30, 6));
  EXPECT_EQ(run.count("late_partials"), 1u);
  spend_for(run, 60, 70, 3);
  ASSERT_THAT(told(run), ElementsAre("fired ticket"));
  EXPECT_THAT(run.alerts()[0].why(), HasSubstr("has spent 9."));
  run.feed(spend("service=unknown", 30, 6));
  EXPECT_EQ(run.count("late_spend_left_out"), 1u);
}

TEST(Budgets, AShadowTellsNothing) {
  DetectOptions options = options_with({budget(10)});
  options.is_shadow = true;
  DetectRun run(options);
  spend_for(run, 0, 600, 3);
  EXPECT_TRUE(told(run).empty());
}

TEST(Budgets, ARestartAnywhereChargesNothingTwiceAndForgetsNothing) {
  BudgetRule monthly = budget(20);
  monthly.name = "rolling";
  monthly.per = BudgetRule::Per::rolling;
  monthly.rolling = std::chrono::hours(3);
  BudgetRule daily = budget(9);
  daily.forecasts = true;
  const DetectOptions options = options_with({daily, monthly, budget(4, {"service", "endpoint"})});
  std::vector<LogEntry> log;
  const auto add = [&](const PartialOf& partial) { log.push_back(LogEntry::data(partial.key(), partial.bytes())); };
  for (double m = kDay - 300; m < kDay + 90; ++m) {
    add(spend(kShop, m, 0.07));
    if (static_cast<int>(m) % 3 == 0) add(spend(kChat, m, 0.03));
    if (static_cast<int>(m) % 11 == 0) add(spend(kShop, m - 20, 0.05));  // late: known, in the window or before it
    if (static_cast<int>(m) % 13 == 0) add(spend(kChat, m - 2, 0.01));   // its pane had nothing of it
    if (static_cast<int>(m) % 17 == 0) add(spend(kMini, m - 4, 0.02));   // late: nobody knows it
    log.push_back(LogEntry::mark(minute(m + 1)));
  }
  const StageSpec spec{"detect", {Stream::partials},
                       {},       false,
                       true,     [options] { return std::unique_ptr<Stage>(Detect::make(options).value()); }};
  for (const size_t batch : {size_t{1}, size_t{7}}) {
    ReplayCheck check(spec, log);
    check.run(batch, 5);
    EXPECT_GT(check.outputs().outputs().size(), 100u);
  }
}

}  // namespace
}  // namespace tidewatch
