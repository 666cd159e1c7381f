// `tidewatch gen` to a real broker.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "app/files/span_file_reader.h"
#include "kafka/command_run.h"
#include "kafka/kafka_broker.h"
#include "stream/publish/timestamps.h"

namespace tidewatch::kafka_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kPartitions = 3;

Timestamp wall_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }
Timestamp whole_second(Timestamp time) { return std::chrono::floor<std::chrono::seconds>(time); }
int64_t in_ms(Timestamp time) { return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count(); }

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> out;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::multiset<std::string> values_of(const std::vector<TestRecord>& records) {
  std::multiset<std::string> out;
  for (const auto& record : records) out.insert(record.value);
  return out;
}

class GenTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void create_topics(const std::map<std::string, std::string>& of_feedback = {}) {
    broker_.create_topic(prefix_ + ".traces", kPartitions);
    broker_.create_topic(prefix_ + ".feedback", 1, of_feedback);
  }
  std::vector<TestRecord> traces() { return broker_.read_all(prefix_ + ".traces"); }
  std::vector<TestRecord> votes() { return broker_.read_all(prefix_ + ".feedback"); }

  /// An hour with an outage that ends 2 min before now, where nothing else is said.
  std::vector<std::string> hour(const std::string& out, Timestamp end = whole_second(wall_now() - 2min)) const {
    return {"gen",   "--scenario", "outage",    "--hours", "1",       "--rate",         "20",
            "--out", out,          "--history", "0",       "--start", rfc3339(end - 1h)};
  }
  Outcome gen(std::vector<std::string> arguments, const std::vector<std::string>& more) const {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments);
  }
  std::string config(const std::string& more_kafka = {}) const {
    const std::string path = write_config(broker_.brokers(), prefix_);
    if (more_kafka.empty()) return path;
    auto lines = lines_of(path);
    std::ofstream out(path);
    for (const auto& line : lines) out << line << "\n" << (line == "kafka:" ? "  " + more_kafka + "\n" : "");
    return path;
  }

  KafkaBroker& broker_ = KafkaBroker::instance();
  const std::string prefix_ = unique_name("gen");
  const std::string folder_ = testing::TempDir() + "/" + prefix_;
};

TEST_F(GenTest, SendsTheMessagesThatItWouldWriteToFiles) {
  create_topics();
  const auto arguments = hour(folder_ + "/kafka");
  const auto sent = gen(arguments, {"--config", config(), "--no-wait"});
  ASSERT_EQ(sent.exit, Exit::ok) << sent.err;
  auto to_files = arguments;
  to_files.at(8) = folder_ + "/files";
  ASSERT_EQ(gen(to_files, {"--format", "binpb"}).exit, Exit::ok);

  std::multiset<std::string> written;
  auto reader = SpanFileReader::open(folder_ + "/files/spans.binpb");
  ASSERT_TRUE(reader.ok());
  for (auto next = reader->next(); next.ok() && *next; next = reader->next()) written.emplace((*next)->payload);
  const auto records = traces();
  EXPECT_GT(records.size(), 500U);
  EXPECT_EQ(records.size(), written.size());
  EXPECT_TRUE(values_of(records) == written) << "other bytes";
  EXPECT_THAT(sent.out, HasSubstr(fmt::format("{} delivered, 0 not delivered;", records.size() + votes().size())));
  EXPECT_EQ(lines_of(folder_ + "/kafka/labels.jsonl"), lines_of(folder_ + "/files/labels.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/kafka/spans.binpb"));

  std::map<int32_t, int64_t> latest;
  for (const auto& record : records) {
    EXPECT_EQ(record.key, "");
    EXPECT_GE(record.timestamp_ms, latest[record.partition]) << "in export order within a partition";
    latest[record.partition] = record.timestamp_ms;
  }
  EXPECT_EQ(latest.size(), static_cast<size_t>(kPartitions));
}

TEST_F(GenTest, SendsFeedbackByTraceUpToTheEndOfTheTraffic) {
  create_topics();
  const Timestamp last = whole_second(wall_now() - 2min);
  const std::string end = rfc3339(last);
  const auto arguments = hour(folder_, last);
  ASSERT_EQ(gen(arguments, {"--config", config(), "--no-wait"}).exit, Exit::ok);
  ASSERT_EQ(gen(arguments, {}).exit, Exit::ok);  // the same to files
  std::multiset<std::string> in_time;
  const auto all = lines_of(folder_ + "/feedback.jsonl");
  for (const auto& line : all)
    if (nlohmann::json::parse(line).at("time").get<std::string>() < end) in_time.insert(line);
  EXPECT_GT(in_time.size(), 5U);
  EXPECT_GT(all.size(), in_time.size()) << "later votes are in the file only";
  const auto records = votes();
  EXPECT_EQ(values_of(records), in_time);
  for (const auto& record : records) EXPECT_EQ(nlohmann::json::parse(record.value).at("trace_id"), record.key);
}

TEST_F(GenTest, EndsNowUnlessToldOtherwise) {
  create_topics();
  const auto sent = run_command({"gen", "--scenario", "outage", "--hours", "1", "--history", "0", "--out", folder_,
                                 "--config", config(), "--no-wait"});
  ASSERT_EQ(sent.exit, Exit::ok) << sent.err;
  int64_t first = std::numeric_limits<int64_t>::max();
  int64_t last = 0;
  for (const auto& record : traces()) {
    first = std::min(first, record.timestamp_ms);
    last = std::max(last, record.timestamp_ms);
  }
  EXPECT_NEAR(static_cast<double>(first), static_cast<double>(in_ms(wall_now() - 1h)), 120'000);
  EXPECT_NEAR(static_cast<double>(last), static_cast<double>(in_ms(wall_now())), 120'000);
}

TEST_F(GenTest, PacesByManyTimesRealTime) {
  create_topics();
  const auto begun = std::chrono::steady_clock::now();
  const auto sent = gen(hour(folder_), {"--config", config(), "--speed", "900"});  // an hour in 4 s
  const auto took = std::chrono::steady_clock::now() - begun;
  ASSERT_EQ(sent.exit, Exit::ok) << sent.err;
  EXPECT_GT(took, 3900ms);
  EXPECT_LT(took, 30s);
  EXPECT_GT(traces().size(), 500U);
}

/// Sends in real time; the signal comes once something was read.
TEST_F(GenTest, SendsTheRestOfAnHourWhenItsTimeComesAndEndsWellWhenAsked) {
  create_topics();
  const std::string file = config();
  Outcome sent;
  std::thread run([&] {
    sent = run_command({"gen", "--scenario", "outage", "--hours", "1", "--history", "1", "--rate", "60", "--start",
                        "now", "--out", folder_, "--config", file});
  });
  const int64_t begun = in_ms(wall_now());
  // More than the history, which is sent at once.
  const bool is_live = eventually([&] {
    int64_t last = 0;
    for (const auto& record : traces()) last = std::max(last, record.timestamp_ms);
    return last > begun;
  });
  pthread_kill(run.native_handle(), SIGTERM);
  run.join();
  EXPECT_TRUE(is_live);
  EXPECT_EQ(sent.exit, Exit::ok) << sent.err;
  EXPECT_THAT(sent.out, AllOf(HasSubstr(" 0 not delivered; interrupted"), Not(HasSubstr(" 0 delivered"))));
  const auto records = traces();
  for (const auto& record : records) EXPECT_LE(record.timestamp_ms, in_ms(wall_now())) << "nothing ahead of its time";
  EXPECT_THAT(sent.out, HasSubstr(fmt::format("{} delivered", records.size() + votes().size())));
}

TEST_F(GenTest, CountsWhatTheBrokerRefusesAndSendsTheRest) {
  create_topics({{"max.message.bytes", "100"}});
  const auto sent = gen(hour(folder_), {"--config", config(), "--no-wait"});
  EXPECT_EQ(sent.exit, Exit::internal);
  const auto records = traces();
  EXPECT_GT(records.size(), 500U);
  EXPECT_THAT(sent.out, HasSubstr(fmt::format(" {} delivered, ", records.size())));
  EXPECT_THAT(sent.out, Not(HasSubstr(" 0 not delivered")));
  EXPECT_THAT(sent.err, AllOf(HasSubstr("could not deliver "), HasSubstr("size too large")));
}

TEST_F(GenTest, EndsWith69WhenBrokersStopAnswering) {
  create_topics();
  const std::string file = config("properties: {message.timeout.ms: \"2000\", socket.timeout.ms: \"1000\"}");
  Outcome sent;
  std::atomic<bool> ended{false};
  std::thread run([&] {
    sent = gen(hour(folder_), {"--config", file, "--speed", "60"});  // an hour in a minute
    ended = true;
  });
  EXPECT_TRUE(eventually([&] { return !traces().empty(); }));
  broker_.pause();
  EXPECT_TRUE(eventually([&] { return ended.load(); }));
  broker_.resume();
  run.join();
  EXPECT_EQ(sent.exit, Exit::broker_unavailable);
  EXPECT_THAT(sent.err, HasSubstr("Message timed out"));
}

TEST_F(GenTest, EndsWith69WhenNoBrokerAnswers) {
  const std::string file = config("broker_timeout: 1s");
  const auto sent = gen(hour(folder_), {"--config", file, "--brokers", "127.0.0.1:1"});
  EXPECT_EQ(sent.exit, Exit::broker_unavailable);
  EXPECT_THAT(sent.err, HasSubstr("could not ask the brokers"));
}

TEST_F(GenTest, OfATopicThatDoesNotExistSaysWhatToDo) {
  const auto sent = gen(hour(folder_), {"--config", config()});
  EXPECT_EQ(sent.exit, Exit::bad_config);
  EXPECT_THAT(sent.err, HasSubstr("does not exist; `tidewatch doctor --fix` creates it"));
}

TEST_F(GenTest, RefusesWhatCannotBe) {
  const auto err_of = [&](const std::vector<std::string>& more) {
    const auto outcome = gen({"gen", "--hours", "3", "--history", "0", "--out", folder_}, more);
    EXPECT_EQ(outcome.exit, Exit::usage) << outcome.err;
    return outcome.err;
  };
  EXPECT_THAT(err_of({"--config", config(), "--no-wait", "--start", "now"}), HasSubstr("ahead of the clock"));
  EXPECT_THAT(err_of({"--config", config(), "--compress", "gz"}), HasSubstr("compression.type"));
  EXPECT_THAT(err_of({"--no-wait"}), HasSubstr("add --brokers or --config"));
  EXPECT_THAT(err_of({"--end", "yesterday"}), HasSubstr("--end: \"yesterday\" is no time"));
  EXPECT_THAT(err_of({"--brokers", broker_.brokers(), "--scenario", "outtage"}), HasSubstr("did you mean \"outage\""));
}

}  // namespace
}  // namespace tidewatch::kafka_test
