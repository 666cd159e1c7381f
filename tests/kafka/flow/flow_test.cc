// The real binary against a real Apache Kafka: every request counted once, every alert said once, whatever is killed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "kafka/flow/flow_cluster.h"

namespace tidewatch::kafka_test {
namespace {

gen::GenOptions traffic(double hours) {
  gen::GenOptions options;
  options.scenario = "model-update";
  options.hours = hours;
  options.history = 1;
  options.rate = 12;
  options.seed = 7;
  return options;
}

/// What scores and alerts say up to `end`, without what depends on how work was divided: positions in Kafka and in
/// files differ, and sums are added up in another order, which changes last digits.
std::map<std::string, double> values_of(const Published& published, Timestamp end) {
  const int64_t last = std::chrono::floor<std::chrono::seconds>(end).time_since_epoch().count();
  std::map<std::string, double> out;
  const auto labels = [](const auto& message) {
    const std::map<std::string, std::string> sorted(message.labels().begin(), message.labels().end());
    std::string text;
    for (const auto& [name, value] : sorted) text += fmt::format("{}={} ", name, value);
    return text;
  };
  for (const auto& score : published.scores) {
    if (score.window_start().seconds() >= last) continue;
    const std::string at = fmt::format("{}@{} ", labels(score), score.window_start().seconds());
    out[at + "index"] = score.index();
    for (const auto& measure : score.measures()) {
      out[at + measure.measure() + " value"] = measure.value();
      out[at + measure.measure() + " n"] = measure.n();
      out[at + measure.measure() + " expected"] = measure.expected();
      out[at + measure.measure() + " surprise"] = measure.surprise();
    }
  }
  for (const auto& alert : published.alerts) {
    if (alert.observed_at().seconds() > last) continue;
    out[fmt::format("alert {} {} {} {}", alert.id(), alert.rule(), alert.transition(), alert.observed_at().seconds())] =
        alert.value();
  }
  return out;
}

/// A backtest ends with its files: the window they end in is not closed there, by intention. So both are compared up to
/// the end of the traffic.
std::string difference(const Published& run, const Published& backtest, Timestamp end) {
  const auto a = values_of(run, end);
  const auto b = values_of(backtest, end);
  std::string out;
  int count = 0;
  const auto wrong = [&](const std::string& what) {
    if (++count <= 8) out += what + "\n";
  };
  for (const auto& [what, value] : a) {
    const auto found = b.find(what);
    if (found == b.end())
      wrong("only run: " + what);
    else if (std::abs(value - found->second) > 1e-9 * std::max(1.0, std::abs(value)))
      wrong(fmt::format("{} is {} in run, {} in backtest", what, value, found->second));
  }
  for (const auto& [what, value] : b)
    if (!a.contains(what)) wrong("only backtest: " + what);
  if (count > 0) out += fmt::format("{} differences of {} values\n", count, a.size());
  return out;
}

class KafkaFlowTest : public ::testing::Test {
 protected:
  KafkaBroker& broker_ = KafkaBroker::instance();
  const std::string name_ = unique_name("flow");

  /// Waits until every request is in a published window; what is not right by then is the answer.
  static std::string wait_for(const FlowCluster& cluster, const FlowMessages& truth) {
    std::string wrong;
    const bool all = eventually([&] {
      wrong = difference(cluster.read(), truth);
      return wrong.empty();
    });
    return all ? "" : "timed out\n" + wrong;
  }
};

TEST_F(KafkaFlowTest, OneProcessCountsEveryRequestOnceAndSaysWhatABacktestSays) {
  const FlowCluster cluster(broker_, name_);
  const FlowMessages sent = flow_messages(traffic(4));
  ASSERT_GT(sent.total(), 5000);
  ChildProcess process = cluster.run("one");
  cluster.produce(sent.messages.begin(), sent.messages.end());

  EXPECT_EQ(wait_for(cluster, sent), "");
  EXPECT_EQ(process.terminate(), 0) << cluster.log("one");

  const Published run = cluster.read();
  const Published backtest = cluster.backtest(sent);
  EXPECT_EQ(difference(backtest, sent), "") << "the backtest itself";
  EXPECT_EQ(difference(run, backtest, sent.traffic_end), "");
  const auto is_resolved = [](const v1::Alert& alert) { return alert.transition() == "resolved"; };
  EXPECT_TRUE(std::any_of(run.alerts.begin(), run.alerts.end(), is_resolved)) << "the traffic is meant to alert";
}

TEST_F(KafkaFlowTest, ProcessesThatComeAndGoAndAreKilledLoseAndRepeatNothing) {
  const FlowCluster cluster(broker_, name_);
  const FlowMessages sent = flow_messages(traffic(10));
  constexpr uint32_t kSeed = 20260305;
  std::mt19937 random(kSeed);
  // Sent in rounds, so that the flow is under load for as long as processes come and go.
  std::atomic<bool> is_sent{false};
  std::thread load([&] {
    constexpr size_t kRounds = 60;
    const auto at = [&](size_t round) {
      return sent.messages.begin() + static_cast<std::ptrdiff_t>(sent.messages.size() * round / kRounds);
    };
    for (size_t round = 0; round < kRounds; ++round) {
      cluster.produce(at(round), at(round + 1));
      std::this_thread::sleep_for(std::chrono::milliseconds(600));  // the pace of the load
    }
    is_sent = true;
  });
  std::map<std::string, std::unique_ptr<ChildProcess>> running;
  const auto start = [&](const std::string& name) {
    running[name] = std::make_unique<ChildProcess>(cluster.run(name));
  };
  start("p0");
  start("p1");
  constexpr int kRounds = 12;
  int kills = 0;
  for (int round = 0; round < kRounds; ++round) {
    // Random moments: the only sleep here is the load's own time.
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 5000));
    if (round == 5) start("p2");  // joins
    const std::string victim = fmt::format("p{}", random() % 2);
    if (round == 9) {
      EXPECT_EQ(running["p2"]->terminate(), 0) << "a graceful leave; " << cluster.log("p2");
      running.erase("p2");
    } else if (round == 3) {
      EXPECT_EQ(running[victim]->terminate(), 0) << "a graceful stop; " << cluster.log(victim);
      start(victim);
    } else {
      running[victim]->kill_hard();
      ++kills;
      start(victim);
    }
  }
  load.join();
  EXPECT_GE(kills, 8);

  EXPECT_EQ(wait_for(cluster, sent), "") << "seed " << kSeed;
  for (auto& [name, process] : running) EXPECT_EQ(process->terminate(), 0) << cluster.log(name);
  const Published run = cluster.read();
  EXPECT_EQ(difference(run, sent), "");
  EXPECT_FALSE(run.alerts.empty());
  EXPECT_EQ(difference(run, cluster.backtest(sent), sent.traffic_end), "") << "undisturbed, the same is said";
}

}  // namespace
}  // namespace tidewatch::kafka_test
