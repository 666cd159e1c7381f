#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "detectors/core/time.h"
#include "tests/unit/app/command_run.h"

namespace tidewatch {
namespace {

using app_test::run_command;
using Json = nlohmann::json;

constexpr double kCent = 0.005;
constexpr int64_t kDayNanos = int64_t{86'400} * 1'000'000'000;
constexpr int64_t kWindowNanos = int64_t{300} * 1'000'000'000;  // the default of scores.window
constexpr double kEmbeddingPrice = 0.02e-6;                     // text-embedding-3-small, of the shipped table

std::vector<Json> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<Json> out;
  for (std::string line; std::getline(in, line);) out.push_back(Json::parse(line));
  return out;
}

const Json* attribute(const Json& of, std::string_view key) {
  for (const auto& row : of.at("attributes"))
    if (row.at("key") == key) return &row.at("value");
  return nullptr;
}

double number(const Json& value) {
  if (value.contains("doubleValue")) return value.at("doubleValue").get<double>();
  const Json& whole = value.at("intValue");
  return whole.is_string() ? std::stod(whole.get<std::string>()) : whole.get<double>();
}

int64_t nanos(const Json& value) {
  return value.is_string() ? std::stoll(value.get<std::string>()) : value.get<int64_t>();
}

struct Trace {
  std::string service;
  int64_t end = 0;
  double usd = 0;
};

/// The straight sum: of each service and day what the spans of traces that ended in it cost, of those before `end`.
std::map<std::pair<std::string, int64_t>, double> straight_sums(const std::filesystem::path& spans, int64_t end) {
  std::map<std::string, Trace> traces;
  for (const Json& message : lines_of(spans))
    for (const auto& resource : message.at("resourceSpans"))
      for (const auto& scope : resource.at("scopeSpans"))
        for (const auto& span : scope.at("spans")) {
          Trace& trace = traces[span.at("traceId")];
          if (const Json* service = attribute(resource.at("resource"), "service.name"))
            trace.service = service->at("stringValue");
          trace.end = std::max(trace.end, nanos(span.at("endTimeUnixNano")));
          const Json* cost = attribute(span, "gen_ai.usage.cost");
          const Json* model = attribute(span, "gen_ai.request.model");
          const Json* tokens = attribute(span, "gen_ai.usage.input_tokens");
          if (cost != nullptr)
            trace.usd += number(*cost);
          else if (tokens != nullptr && model != nullptr && model->at("stringValue") == "text-embedding-3-small")
            trace.usd += number(*tokens) * kEmbeddingPrice;
        }
  std::map<std::pair<std::string, int64_t>, double> out;
  for (const auto& [id, trace] : traces)
    if (trace.end < end) out[{trace.service, trace.end / kDayNanos}] += trace.usd;
  return out;
}

/// Day number of "2026-03-02T00:00:00Z".
int64_t day_of(const std::string& time) {
  const auto day =
      std::chrono::year(std::stoi(time.substr(0, 4))) / std::stoi(time.substr(5, 2)) / std::stoi(time.substr(8, 2));
  return std::chrono::sys_days(day).time_since_epoch().count();
}

/// Nanoseconds of "2026-03-02T06:05:00Z".
int64_t nanos_of(const std::string& time) {
  const int64_t seconds = (std::stoi(time.substr(11, 2)) * 60 + std::stoi(time.substr(14, 2))) * 60;
  return day_of(time) * kDayNanos + seconds * 1'000'000'000;
}

/// Thirty simulated hours, so that a day ends in them.
class Reconciliation : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = (std::filesystem::path(testing::TempDir()) / fmt::format("Reconciliation.{}", ::getpid())).string();
    const auto made = run_command({"gen", "--scenario", "outage", "--hours", "30", "--history", "0", "--rate", "3",
                                   "--out", folder_ + "/traffic"});
    ASSERT_EQ(made.exit, Exit::ok) << made.err;
    std::ofstream(in("budgets.yaml"))
        << "entities: [[service], [service, endpoint]]\n"
           "budgets: [{name: whole, entity: [service], amount: 0.05 USD, alert_at: [1%]}]\n";
    const auto judged = run_command({"backtest", "--spans", folder_ + "/traffic/spans.jsonl", "--out", folder_ + "/out",
                                     "--config", in("budgets.yaml").string()});
    ASSERT_EQ(judged.exit, Exit::ok) << judged.err;
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }
  static std::filesystem::path in(const std::string& file) { return std::filesystem::path(folder_) / file; }
  inline static std::string folder_;
};

TEST_F(Reconciliation, ScoresAddUpToTheStraightSumOfTheSpansToTheCent) {
  std::map<std::pair<std::string, int64_t>, double> scores;
  std::map<std::pair<std::string, int64_t>, double> of_endpoints;
  int64_t end = 0;  // of the last window: the one that was filling when the files ended has no score
  for (const Json& score : lines_of(in("out/quality-scores.jsonl"))) {
    end = std::max(end, nanos_of(score.at("window_start")) + kWindowNanos);
    for (const auto& measure : score.at("measures"))
      if (measure.at("measure") == "cost" && measure.contains("value"))
        (score.at("labels").contains("endpoint")
             ? of_endpoints
             : scores)[{score.at("labels").at("service"), day_of(score.at("window_start"))}] +=
            measure.at("value").get<double>();
  }
  const auto straight = straight_sums(in("traffic/spans.jsonl"), end);
  ASSERT_GE(straight.size(), 4u);
  for (const auto& [key, usd] : straight) {
    EXPECT_GT(usd, 0.01) << key.first;
    EXPECT_NEAR(scores[key], usd, kCent * 1e-3) << key.first << " on day " << key.second;
    EXPECT_NEAR(of_endpoints[key], usd, kCent * 1e-3) << key.first << " on day " << key.second;
  }
}

TEST_F(Reconciliation, BudgetsOfADayThatIsOverAreTheStraightSumOfItsSpans) {
  const auto straight = straight_sums(in("traffic/spans.jsonl"), std::numeric_limits<int64_t>::max());
  int checked = 0;
  for (const Json& alert : lines_of(in("out/alerts.jsonl"))) {
    if (alert.at("kind") != "budget" || alert.at("state") != "resolved" || alert.at("rule") != "whole") continue;
    if (alert.at("why").get<std::string>().find("which is over") == std::string::npos) continue;
    const int64_t day = day_of(alert.at("ends_at")) - 1;  // it ends with the midnight that follows
    const double usd = straight.at({alert.at("labels").at("service"), day});
    EXPECT_NEAR(alert.at("value").get<double>(), usd, kCent * 1e-3);
    EXPECT_NE(alert.at("why").get<std::string>().find(fmt::format("spent {:.2f} of", usd)), std::string::npos)
        << alert.at("why");
    ++checked;
  }
  EXPECT_GE(checked, 2) << "each service had a whole day";
}

}  // namespace
}  // namespace tidewatch
