#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <thread>

#include "kafka/child_process.h"
#include "kafka/counting_pipeline.h"
#include "kafka/kafka_broker.h"
#include "stream/runtime/kafka_runner.h"

namespace tidewatch::kafka_test {
namespace {

class KafkaRunnerTest : public ::testing::Test {
 protected:
  KafkaBroker& broker_ = KafkaBroker::instance();
  const std::string prefix_ = unique_name("runner");
  Metrics metrics_;

  void produce(const std::vector<std::vector<Event>>& events) {
    std::vector<TestRecord> records;
    for (size_t p = 0; p < events.size(); ++p)
      for (const auto& event : events[p]) records.push_back(to_record(event, static_cast<int32_t>(p)));
    broker_.produce(prefix_ + ".traces", records);
  }

  /// Waits until every event has had its whole effect; what is not right by then is the answer.
  std::string wait_for(const std::vector<Event>& events) {
    std::string wrong;
    const bool all = eventually([&] {
      if (broker_.read_all(prefix_ + ".changes").size() < events.size()) return false;
      wrong = difference(read_counted(broker_, prefix_), events);
      return wrong.empty();
    });
    return all ? "" : "timed out\n" + wrong;
  }

  std::vector<std::string> child(const std::string& instance) const {
    return {"--count", broker_.brokers(), prefix_, instance};
  }
};

TEST_F(KafkaRunnerTest, CountsEveryRecordOnceThroughTwoStages) {
  const auto options = set_up(broker_, {.prefix = prefix_});
  const auto events = make_events(4, 2000);
  produce(events);
  KafkaRunner runner(options, counting_topology(), {}, metrics_);
  const auto started = runner.start();
  ASSERT_TRUE(started) << started.error().message;

  EXPECT_EQ(wait_for(flatten(events)), "");
  runner.stop();

  EXPECT_EQ(difference(read_counted(broker_, prefix_), flatten(events)), "");
  EXPECT_EQ(metrics_.value("records", {{"stage", "forward"}}), 4 * 2001);
  EXPECT_EQ(metrics_.value("forwarded", {{"stage", "forward"}}), 4 * 2001);
  EXPECT_FALSE(runner.failure().has_value());
}

TEST_F(KafkaRunnerTest, ContinuesAfterAGracefulStopInTheMiddleOfOpenPanes) {
  const auto options = set_up(broker_, {.prefix = prefix_});
  auto events = make_events(4, 2000);
  auto second = events;
  for (size_t p = 0; p < events.size(); ++p) {
    events[p].resize(1010);  // in the middle of a pane
    second[p].erase(second[p].begin(), second[p].begin() + 1010);
  }
  produce(events);
  {
    KafkaRunner runner(options, counting_topology(), {}, metrics_);
    ASSERT_TRUE(runner.start());
    ASSERT_TRUE(eventually([&] { return broker_.read_all(prefix_ + ".changes").size() == 4 * 1010; }));
    runner.stop();
  }
  produce(second);
  KafkaRunner runner(options, counting_topology(), {}, metrics_);
  ASSERT_TRUE(runner.start());

  EXPECT_EQ(wait_for(flatten(make_events(4, 2000))), "");
  EXPECT_GT(metrics_.value("replayed_records", {{"stage", "count"}}), 0);
}

TEST_F(KafkaRunnerTest, SharesTheWorkBetweenTwoProcessesAndSurvivesKills) {
  set_up(broker_, {.prefix = prefix_});
  const auto events = make_events(4, 30'000);
  std::mt19937 random(20240501);
  std::atomic<bool> produced{false};
  // Written in rounds, so that the flow is under load for as long as processes come and go.
  std::thread load([&] {
    constexpr size_t kRounds = 60;
    for (size_t round = 0; round < kRounds; ++round) {
      std::vector<std::vector<Event>> part(events.size());
      for (size_t p = 0; p < events.size(); ++p) {
        const size_t all = events[p].size();
        part[p].assign(events[p].begin() + static_cast<std::ptrdiff_t>(all * round / kRounds),
                       events[p].begin() + static_cast<std::ptrdiff_t>(all * (round + 1) / kRounds));
      }
      produce(part);
    }
    produced = true;
  });
  std::map<int, std::unique_ptr<ChildProcess>> running;
  running[0] = std::make_unique<ChildProcess>(child("p0"));
  running[1] = std::make_unique<ChildProcess>(child("p1"));
  constexpr int kKills = 12;
  for (int kill = 0; kill < kKills; ++kill) {
    // Random moments: the only sleep here is the load's own time.
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 2500));
    const int victim = static_cast<int>(random() % 2);
    if (kill % 4 == 3)
      EXPECT_EQ(running[victim]->terminate(), 0) << "a graceful stop";
    else
      running[victim]->kill_hard();
    running[victim] = std::make_unique<ChildProcess>(child("p" + std::to_string(victim)));
  }
  load.join();
  EXPECT_TRUE(produced);

  EXPECT_EQ(wait_for(flatten(events)), "");
  for (auto& [index, process] : running) EXPECT_EQ(process->terminate(), 0);
  EXPECT_EQ(difference(read_counted(broker_, prefix_), flatten(events)), "");
}

TEST_F(KafkaRunnerTest, AProcessThatWasFrozenAndReplacedDoesNoHarmWhenItComesBack) {
  set_up(broker_, {.prefix = prefix_});
  const auto events = make_events(4, 20'000);
  ChildProcess frozen(child("frozen"));
  produce(events);
  ASSERT_TRUE(eventually([&] { return broker_.end_offset(prefix_ + ".changes", 0) > 0; }));
  frozen.pause();
  ChildProcess other(child("other"));
  EXPECT_EQ(wait_for(flatten(events)), "");

  frozen.resume();
  EXPECT_EQ(other.terminate(), 0);  // its partitions go back to the one that was frozen
  EXPECT_EQ(frozen.terminate(), 0);

  EXPECT_EQ(difference(read_counted(broker_, prefix_), flatten(events)), "");
}

TEST_F(KafkaRunnerTest, NamesMissingTopics) {
  auto options = options_for(broker_.brokers(), prefix_, "one");
  KafkaRunner runner(options, counting_topology(), {}, metrics_);

  const auto started = runner.start();

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "bad_topics");
  EXPECT_THAT(started.error().message, ::testing::HasSubstr(prefix_ + ".fragments"));
  EXPECT_EQ(exit_code_of(started.error()), 78);
}

TEST_F(KafkaRunnerTest, SaysWhichBrokerCouldNotBeReached) {
  auto options = options_for("127.0.0.1:1", prefix_, "one");
  options.broker_timeout = std::chrono::seconds(1);
  KafkaRunner runner(options, counting_topology(), {}, metrics_);

  const auto started = runner.start();

  ASSERT_FALSE(started);
  EXPECT_EQ(exit_code_of(started.error()), 69);
  EXPECT_THAT(started.error().message, ::testing::HasSubstr("127.0.0.1:1"));
}

}  // namespace
}  // namespace tidewatch::kafka_test
