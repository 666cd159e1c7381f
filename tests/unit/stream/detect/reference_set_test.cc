#include "stream/detect/reference_set.h"

#include <gtest/gtest.h>

#include "tests/unit/stream/detect/detect_run.h"
#include "tidewatch/v1/reference.pb.h"

namespace tidewatch {
namespace {

/// A line of the file: a rate of an entity.
std::string line(const std::map<std::string, std::string>& labels, std::string_view measure, int bad, int n) {
  v1::Reference out;
  for (const auto& [name, value] : labels) (*out.mutable_labels())[name] = value;
  Aggregate rate(MeasureKind::rate);
  for (int i = 0; i < n; ++i) rate.add_trial(i < bad);
  auto* row = out.add_measures();
  row->set_measure(std::string(measure));
  row->set_aggregate(rate.serialize());
  return encode(out, WireFormat::json) + "\n";
}

const Aggregate* nearest(const ReferenceSet& set, const Labels& labels, MeasureId measure) {
  for (const auto* entry : set.matching(labels))
    if (const auto at = entry->measures.find(measure); at != entry->measures.end()) return &at->second;
  return nullptr;
}

TEST(ReferenceSet, IsOfTheEntityOrOfTheNearestOneThatItIsPartOf) {
  MeasureCatalog catalog;
  const auto set = ReferenceSet::parse(
      line({{"service", "shop"}}, "error_rate", 1, 100) +
          line({{"service", "shop"}, {"endpoint", "/chat"}}, "refusal_rate", 2, 100) + "\n" +
          line({{"service", "shop"}, {"endpoint", "/chat"}, {"model", "m"}}, "refusal_rate", 3, 100),
      catalog);
  ASSERT_TRUE(set.ok()) << set.error().message;
  const Labels chat{{"service", "shop"}, {"endpoint", "/chat"}};
  const Labels version{{"service", "shop"}, {"endpoint", "/chat"}, {"prompt_version", "7"}};
  const Labels model{{"service", "shop"}, {"endpoint", "/chat"}, {"model", "m"}};
  EXPECT_DOUBLE_EQ(nearest(*set, chat, m_refusal_rate)->observe().value, 0.02);
  EXPECT_DOUBLE_EQ(nearest(*set, version, m_refusal_rate)->observe().value, 0.02);
  EXPECT_DOUBLE_EQ(nearest(*set, model, m_refusal_rate)->observe().value, 0.03);
  EXPECT_DOUBLE_EQ(nearest(*set, model, m_error_rate)->observe().value, 0.01);
  EXPECT_EQ(nearest(*set, {{"service", "docs"}}, m_refusal_rate), nullptr);
  EXPECT_EQ(nearest(*set, {{"service", "shop"}}, m_refusal_rate), nullptr) << "a service is no part of its endpoint";
}

TEST(ReferenceSet, ErrorsNameTheLine) {
  const std::string good = line({{"service", "shop"}}, "error_rate", 1, 100);
  const std::pair<std::string, std::string> cases[] = {
      {good + "nonsense\n", "line 2: is no entity of a reference"},
      {good + good + R"({"measures": []})", "line 3: has no labels"},
      {line({{"service", "shop"}}, "eror_rate", 1, 100), "line 1: eror_rate: not a measure of this config"},
      {line({{"service", "shop"}}, "latency", 1, 100),
       "line 1: latency: not a measure of this config, or one of another"},
      {R"({"labels": {"a": "b"}, "measures": [{"measure": "error_rate", "aggregate": "AAAA"}]})",
       "line 1: error_rate: "},
  };
  for (const auto& [text, message] : cases) {
    MeasureCatalog catalog;
    const auto set = ReferenceSet::parse(text, catalog);
    ASSERT_FALSE(set.ok()) << text;
    EXPECT_EQ(set.error().code, "bad_reference");
    EXPECT_EQ(set.error().message.rfind(message, 0), 0U) << set.error().message;
  }
}

/// Rules of the past and of the test set on one measure.
DetectOptions compared(const std::string& reference) {
  DetectorRule against = quick_rule("error_rate");
  against.name = "error_rate_reference";
  against.detector = "reference";
  against.settings = {{"warm_up", "6"}, {"season", "false"}};
  auto options = quick_options({quick_rule("error_rate"), against});
  options.reference = reference;
  return options;
}

TEST(DetectReference, ProductionThatWasNeverLikeTheTestSetAlertsAndSaysSo) {
  DetectRun run(compared(line({{"service", "shop"}}, "error_rate", 2, 400)));
  for (int m = 0; m < 30; ++m) {
    run.feed(traffic(kShop, m, 40, 200));
    run.watermark(m + 1);
  }
  ASSERT_EQ(run.alerts().size(), 1U) << "against the test set; the past was no other";
  const auto alert = run.alerts()[0];
  EXPECT_EQ(alert.kind(), "reference");
  EXPECT_EQ(alert.rule(), "error_rate_reference");
  EXPECT_DOUBLE_EQ(alert.expected(), 0.005);
  EXPECT_NE(
      alert.why().find("error_rate on service=shop is not what the test set showed: 20.0 % of 200 (test set 0.5 %"),
      std::string::npos)
      << alert.why();
  const v1::QualityScore last = run.scores().back();
  const auto* measured = find(last, "error_rate");
  EXPECT_NEAR(measured->expected(), 0.2, 0.01) << "the baseline's";
  EXPECT_DOUBLE_EQ(measured->reference(), 0.005);
  EXPECT_EQ(measured->reference_n(), 400);
  EXPECT_NEAR(measured->reference_effect(), 39, 1e-6);
  EXPECT_GT(measured->reference_surprise(), 20);
}

TEST(DetectReference, WhereThereIsNoneNothingIsComparedAndNothingSaid) {
  for (const std::string& reference : {std::string(), line({{"service", "docs"}}, "error_rate", 2, 400)}) {
    DetectRun run(compared(reference));
    for (int m = 0; m < 30; ++m) {
      run.feed(traffic(kShop, m, 40, 200));
      run.watermark(m + 1);
    }
    EXPECT_TRUE(run.alerts().empty());
    const v1::QualityScore last = run.scores().back();
    EXPECT_FALSE(find(last, "error_rate")->has_reference());
  }
}

TEST(DetectReference, ARestartComparesAsBefore) {
  const auto options = compared(line({{"service", "shop"}}, "error_rate", 2, 400));
  DetectRun first(options);
  first.calm(0, 20);
  DetectRun second(options);
  second.restore(first.state(), 20);
  first.incident(20, 25);
  second.incident(20, 25);
  ASSERT_FALSE(second.alerts().empty());
  const auto all = first.alerts();
  const auto again = second.alerts();
  ASSERT_GE(all.size(), again.size());
  for (size_t i = 0; i < again.size(); ++i)
    EXPECT_EQ(again[i].SerializeAsString(), all[all.size() - again.size() + i].SerializeAsString());
}

TEST(DetectReference, ABadReferenceIsRefused) {
  const auto made = Detect::make(compared("nonsense"));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, "bad_reference");
}

}  // namespace
}  // namespace tidewatch
