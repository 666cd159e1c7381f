#include "detectors/decide/why.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

const Timestamp kDay = sys_days{std::chrono::year{2024} / 3 / 1};

Occasion refusals() {
  return {.measure = "refusal_rate",
          .quantity = Quantity::share,
          .entity = "service=shop, endpoint=/chat",
          .start = kDay + 14h + 5min,
          .width = 5min,
          .n = 412};
}

Verdict refused() {
  Verdict out;
  out.judgement = Judgement::scored;
  out.direction = Direction::up;
  out.surprise = 45;
  out.value = 0.123;
  out.expected = 0.021;
  out.expected_low = 0.005;
  out.expected_high = 0.04;
  out.effect = 4.857;
  out.effect_absolute = 0.102;
  return out;
}

TEST(Why, ARateInPerCentAndPercentagePoints) {
  EXPECT_EQ(
      why_fired(refusals(), refused()),
      "refusal_rate on service=shop, endpoint=/chat is 12.3 % of 412 (expected 2.1 %, usual range 0.5-4.0 %) from "
      "14:05 to 14:10 UTC: +10.2 percentage points (+486 %), a surprise of 45 bits (once in 3.5e13 windows).");
}

TEST(Why, ABorrowedBaselineIsNamedWithHowLittleIsKnownBesideIt) {
  Occasion occasion = refusals();
  occasion.siblings = "prompt_version";
  occasion.borrowed_from = "service=shop, endpoint=/chat as a whole";
  const auto end_of = [&](uint32_t own_windows) {
    occasion.own_windows = own_windows;
    const std::string why = why_fired(occasion, refused());
    return why.substr(why.find(" Compared with "));
  };
  const std::string start = " Compared with service=shop, endpoint=/chat as a whole: this prompt_version has ";
  EXPECT_EQ(end_of(0), start + "no window of its own yet.");
  EXPECT_EQ(end_of(1), start + "only 1 window of its own.");
  EXPECT_EQ(end_of(3), start + "only 3 windows of its own.");
}

TEST(Why, ChangesNearTheBeginningNearestFirst) {
  const std::array changes{NearChange{"first sight of prompt_version=13", kDay + 14h + 6min},
                           NearChange{"first sight of model=gpt-x", kDay + 14h + 2min},
                           NearChange{"first sight of endpoint=/new", kDay + 9h},
                           NearChange{"first sight of retrieval=hybrid", kDay + 14h + 5min}};
  Occasion occasion = refusals();
  occasion.changes = changes;
  EXPECT_TRUE(why_fired(occasion, refused())
                  .ends_with(" It began with the first sight of retrieval=hybrid, 1 min before the first sight of "
                             "prompt_version=13 and 3 min after the first sight of model=gpt-x."));
}

TEST(Why, AShiftSaysSinceWhenAndChangesAreMeasuredFromThere) {
  Occasion occasion{.measure = "latency_p95",
                    .quantity = Quantity::seconds,
                    .entity = "service=shop",
                    .start = kDay + 0h + 10min,
                    .width = 5min,
                    .n = 3999.6};
  const std::array changes{NearChange{"first sight of model=gpt-x", kDay - 32min}};
  occasion.changes = changes;
  Verdict verdict = refused();
  verdict.value = 1.5;
  verdict.expected = 1.2;
  verdict.expected_low = 0.95;
  verdict.expected_high = 1.45;
  verdict.effect = 0.25;
  verdict.effect_absolute = 0.3;
  verdict.since_windows = 7;
  EXPECT_EQ(
      why_fired(occasion, verdict),
      "latency_p95 on service=shop has been 1.5 s (n = 4,000) (expected 1.2 s, usual range 950 ms to 1.45 s) since "
      "2024-02-29 23:35 UTC: +25 %, a surprise of 45 bits (once in 3.5e13 windows). It began 7 min after the first "
      "sight of model=gpt-x.");
}

TEST(Why, ATrendSaysFromWhereToWhereAndSinceWhen) {
  Occasion occasion = refusals();
  occasion.pattern = Pattern::trend;
  Verdict verdict = refused();
  verdict.since_windows = 12 * 24 * 9;
  EXPECT_EQ(
      why_fired(occasion, verdict),
      "refusal_rate on service=shop, endpoint=/chat has risen steadily from 2.1 % to 12.3 % since 2024-02-21 14:05 "
      "UTC: +10.2 percentage points (+486 %), a surprise of 45 bits (once in 3.5e13 windows).");
  verdict.effect_absolute = -0.001;
  EXPECT_NE(why_fired(occasion, verdict).find("has fallen steadily"), std::string::npos);
}

TEST(Why, ATrendSaysWhenItComesToALimit) {
  Occasion occasion = refusals();
  occasion.pattern = Pattern::trend;
  const std::array limits = {0.175};
  occasion.limits = limits;
  Verdict verdict = refused();
  verdict.since_windows = 12 * 24 * 10;
  EXPECT_NE(why_fired(occasion, verdict).find("At this pace it comes to the limit of 17.5 % in 5 d 2 h (4 d "),
            std::string::npos)
      << why_fired(occasion, verdict);
  occasion.pattern = Pattern::deviation;
  EXPECT_EQ(why_fired(occasion, verdict).find("limit"), std::string::npos);
}

TEST(Why, AContrastNamesTheSiblings) {
  Occasion occasion = refusals();
  occasion.entity = "service=shop, endpoint=/chat, variant=canary";
  occasion.pattern = Pattern::contrast;
  occasion.siblings = "variant";
  Verdict verdict = refused();
  verdict.since_windows = 7;
  EXPECT_EQ(why_fired(occasion, verdict),
            "refusal_rate on service=shop, endpoint=/chat, variant=canary has been 12.3 % (other values of variant: "
            "2.1 %, by chance 0.5-4.0 %) since 13:30 UTC: +10.2 percentage points (+486 %), a surprise of 45 bits "
            "(once in 3.5e13 windows).");
  verdict.expected_high = std::numeric_limits<double>::infinity();
  EXPECT_NE(why_fired(occasion, verdict).find("(other values of variant: 2.1 %) since"), std::string::npos);
}

TEST(Why, ADriftNamesTheCategoriesThatMoved) {
  Occasion occasion = refusals();
  occasion.measure = "finish_reasons";
  occasion.pattern = Pattern::drift;
  Verdict verdict = refused();
  verdict.categories = {{"length", 0.03, 0.14}, {"stop", 0.96, 0.84}};
  EXPECT_EQ(
      why_fired(occasion, verdict),
      "finish_reasons on service=shop, endpoint=/chat: 12.3 % are of another kind than usual (expected 2.1 % by "
      "chance) from 14:05 to 14:10 UTC: length 14.0 % (usually 3.0 %), stop 84.0 % (usually 96.0 %); a surprise of "
      "45 bits (once in 3.5e13 windows).");
}

TEST(Why, ADistributionIsToldByItsClasses) {
  Occasion occasion = refusals();
  occasion.measure = "answer_length";
  occasion.noun = "characters";
  occasion.pattern = Pattern::spread;
  Verdict verdict = refused();
  verdict.categories = {{"700 to 1000", 0.04, 0.34}};
  EXPECT_EQ(why_fired(occasion, verdict),
            "answer_length on service=shop, endpoint=/chat: 12.3 % are of another size than usual (expected 2.1 % by "
            "chance) from 14:05 to 14:10 UTC: 700 to 1000 characters 34.0 % (usually 4.0 %); a surprise of 45 bits "
            "(once in 3.5e13 windows).");
}

TEST(Why, SeveralMeasuresNameWhatContributes) {
  Occasion occasion = refusals();
  const std::array<std::string_view, 2> names{"latency", "error_rate"};
  occasion.measures = names;
  Verdict verdict = refused();
  verdict.contributions = {{1, 31.2}, {0, 13.8}, {7, 1}};
  EXPECT_TRUE(why_fired(occasion, verdict).ends_with(" Mostly error_rate (31 bits), then latency (14 bits)."));
}

TEST(Why, APairThatVariesOtherwiseIsNamedWithItsCorrelation) {
  Occasion occasion = refusals();
  occasion.measure = "latency_p95";
  occasion.pattern = Pattern::comovement;
  const std::array<std::string_view, 3> names{"latency_p95", "requests", "cost"};
  occasion.measures = names;
  Verdict verdict = refused();
  verdict.value = 0.721;
  verdict.expected = 0.05;
  verdict.expected_low = -0.15;
  verdict.expected_high = 0.243;
  verdict.since_windows = 3;
  verdict.contributions = {{0, 30, 1}, {0, 10, std::nullopt}, {1, 5, 2}};
  EXPECT_EQ(why_fired(occasion, verdict),
            "latency_p95 and requests on service=shop, endpoint=/chat vary together otherwise than usual: their "
            "correlation has been 0.72 (expected 0.05, usual range -0.15 to 0.24) since 13:50 UTC, a surprise of 45 "
            "bits (once in 3.5e13 windows). Mostly latency_p95 with requests (30 bits), then latency_p95 (10 bits), "
            "requests with cost (5 bits).");
  verdict.value = 2.1;
  verdict.expected = 1;
  verdict.expected_low = 0.86;
  verdict.expected_high = 1.16;
  verdict.since_windows = 0;
  verdict.contributions = {{0, 45, std::nullopt}};
  EXPECT_EQ(why_fired(occasion, verdict),
            "latency_p95 on service=shop, endpoint=/chat varies from window to window more than usual: 2.10 times as "
            "much (usual range 0.86 to 1.16) from 14:05 to 14:10 UTC, a surprise of 45 bits (once in 3.5e13 windows). "
            "Mostly latency_p95 (45 bits).");
  verdict.value = 0.5;
  EXPECT_NE(why_fired(occasion, verdict).find("less than usual: 0.50 times"), std::string::npos);
}

TEST(Why, MeasuresThatVaryAsUsualAgainSayHowLongTheyDidNot) {
  Occasion occasion = refusals();
  occasion.pattern = Pattern::comovement;
  Transition transition;
  transition.kind = Transition::Kind::resolved;
  transition.starts_at = kDay + 13h;
  transition.ends_at = kDay + 14h;
  transition.observed_at = kDay + 14h + 10min;
  transition.peak.surprise = 45;
  EXPECT_EQ(why_resolved(occasion, refused(), transition),
            "The measures on service=shop, endpoint=/chat vary together as usual again from 14:05 to 14:10 UTC. It "
            "lasted 1 h, from 13:00 UTC to 14:00 UTC. At worst it was a surprise of 45 bits (once in 3.5e13 windows).");
}

TEST(Why, ALimitIsNamedAsSuch) {
  Occasion occasion = refusals();
  occasion.pattern = Pattern::limit;
  Verdict verdict = refused();
  verdict.expected = 0.1;
  verdict.effect = 0.23;
  verdict.effect_absolute = 0.023;
  EXPECT_EQ(why_fired(occasion, verdict),
            "refusal_rate on service=shop, endpoint=/chat is 12.3 % of 412, above the limit of 10.0 %, from 14:05 to "
            "14:10 UTC: +2.3 percentage points (+23 %).");
}

TEST(Why, SilenceSaysWhatIsMissing) {
  Occasion occasion{.measure = "requests",
                    .quantity = Quantity::count,
                    .entity = "service=shop",
                    .start = kDay + 14h,
                    .width = 5min,
                    .pattern = Pattern::silence};
  Verdict verdict;
  verdict.surprise = 200;
  verdict.expected = 1234.4;
  verdict.expected_low = 1100;
  verdict.expected_high = 1380;
  verdict.effect = -1;
  EXPECT_EQ(why_fired(occasion, verdict),
            "service=shop: no requests (expected 1,234, usual range 1,100-1,380) from 14:00 to 14:05 UTC; telemetry is "
            "missing or the traffic has stopped, a surprise of 200 bits (not by chance).");
  verdict.value = 12;
  verdict.since_windows = 3;
  EXPECT_TRUE(why_fired(occasion, verdict).starts_with("service=shop: only 12 requests (expected 1,234"));
  EXPECT_NE(why_fired(occasion, verdict).find("since 13:45 UTC"), std::string::npos);
}

Transition resolved() {
  Transition out;
  out.kind = Transition::Kind::resolved;
  out.starts_at = kDay + 13h + 30min;
  out.ends_at = kDay + 14h + 5min;
  out.observed_at = kDay + 14h + 20min;
  out.peak = {Direction::up, 61, 6, 0.151, 0.021};
  return out;
}

TEST(Why, ResolvedSaysWhereItIsHowLongItTookAndTheWorst) {
  Verdict now = refused();
  now.value = 0.022;
  EXPECT_EQ(why_resolved(refusals(), now, resolved()),
            "refusal_rate on service=shop, endpoint=/chat is as expected again: 2.2 % of 412 (expected 2.1 %, usual "
            "range 0.5-4.0 %) from 14:05 to 14:10 UTC. It lasted 35 min, from 13:30 UTC to 14:05 UTC. At worst it was "
            "15.1 % (expected 2.1 %), a surprise of 61 bits (not by chance).");
}

TEST(Why, ResolvedWithoutDataDoesNotClaimThatItIsGood) {
  Transition end = resolved();
  end.is_without_data = true;
  const std::string text = why_resolved(refusals(), {}, end);
  EXPECT_NE(text.find("ended without data: nothing has come since 14:05 UTC"), std::string::npos);
  EXPECT_EQ(text.find("expected again"), std::string::npos);
}

TEST(Wording, Quantities) {
  EXPECT_EQ(format_quantity(0, Quantity::share), "0.0 %");
  EXPECT_EQ(format_quantity(1, Quantity::share), "100 %");
  EXPECT_EQ(format_quantity(0.00052, Quantity::share), "0.052 %");
  EXPECT_EQ(format_quantity(0.000001234, Quantity::share), "0.00012 %");
  EXPECT_EQ(format_quantity(0.00002, Quantity::seconds), "20 us");
  EXPECT_EQ(format_quantity(0.0123, Quantity::seconds), "12.3 ms");
  EXPECT_EQ(format_quantity(0.9999, Quantity::seconds), "1 s");
  EXPECT_EQ(format_quantity(150, Quantity::seconds), "2.5 min");
  EXPECT_EQ(format_quantity(9000, Quantity::seconds), "2.5 h");
  EXPECT_EQ(format_quantity(0.00123, Quantity::usd), "0.0012 USD");
  EXPECT_EQ(format_quantity(1234.5, Quantity::usd), "1,234.50 USD");
  EXPECT_EQ(format_quantity(41200, Quantity::count, "tokens"), "41,200 tokens");
  EXPECT_EQ(format_quantity(3.44, Quantity::count), "3.4");
  EXPECT_EQ(format_quantity(0.043, Quantity::count), "0.043");
  EXPECT_EQ(format_quantity(12345678, Quantity::count, "tokens"), "12.3 million tokens");
  EXPECT_EQ(format_quantity(0.8234, Quantity::number), "0.823");
  EXPECT_EQ(format_quantity(-1234.5, Quantity::number), "-1,234");
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    EXPECT_EQ(format_quantity(bad, Quantity::count, "tokens"), "unknown");
}

TEST(Wording, ALowEndThatIsNothingBesideTheHighOneIsZero) {
  EXPECT_EQ(format_range(3.3e-70, 0.092, Quantity::share), "0.0-9.2 %");
}

TEST(Wording, RangesNameTheUnitOnce) {
  EXPECT_EQ(format_range(0.9, 1.4, Quantity::usd), "0.9-1.40 USD");
  EXPECT_EQ(format_range(-0.3, 0.5, Quantity::number), "-0.3 to 0.5");
  EXPECT_EQ(format_range(0.005, 2, Quantity::seconds), "5 ms to 2 s") << "each end in the unit that suits it";
  EXPECT_EQ(format_range(0, 2, Quantity::seconds), "0-2 s");
}

TEST(Wording, Changes) {
  EXPECT_EQ(format_change(-0.5, -3, Quantity::seconds), "-50 %");
  EXPECT_EQ(format_change(0.042, 3, Quantity::seconds), "+4.2 %");
  EXPECT_EQ(format_change(13, 3, Quantity::count), "14 times as much");
  EXPECT_EQ(format_change(1e6, 3, Quantity::count), "+3");
  EXPECT_EQ(format_change(-0.5, -0.012, Quantity::share), "-1.2 percentage points (-50 %)");
}

TEST(Wording, SurpriseInBitsAndWindows) {
  EXPECT_EQ(format_surprise(10), "a surprise of 10 bits (once in 1,024 windows)");
  EXPECT_EQ(format_surprise(0), "a surprise of 0 bits (once in 1 windows)");
  EXPECT_EQ(format_surprise(kMaxSurprise), "a surprise of 1000 bits or more (not by chance)");
}

TEST(Wording, TimesAreUtcAndShowDatesAcrossMidnight) {
  EXPECT_EQ(format_span(kDay - 5min, kDay), "from 2024-02-29 23:55 to 2024-03-01 00:00 UTC");
  EXPECT_EQ(format_time(kDay + 3h + 4min + 5s), "03:04:05 UTC");
  EXPECT_EQ(format_time(kDay - 500ms, true), "2024-02-29 23:59:59 UTC");
  EXPECT_EQ(format_time(Timestamp(-1ns), true), "1969-12-31 23:59:59 UTC");
  EXPECT_EQ(format_length(0s), "0 s");
  EXPECT_EQ(format_length(-3min), "3 min");
  EXPECT_EQ(format_length(2h + 5min + 30s), "2 h 5 min");
  EXPECT_EQ(format_length(76h), "3 d 4 h");
  EXPECT_EQ(format_length(24h + 5min), "1 d");
}

}  // namespace
}  // namespace tidewatch
