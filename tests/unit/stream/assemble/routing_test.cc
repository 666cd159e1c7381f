// Observe and assemble together: what names no trace finds its request in whatever partition that lies.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "stream/assemble/assemble.h"
#include "stream/observe/observe.h"
#include "stream/runtime/local_runner.h"
#include "tests/unit/stream/assemble/assemble_run.h"

namespace tidewatch {
namespace {

constexpr int kRequests = 40;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'767'225'600 * kSecond;

std::vector<StageSpec> stages() {
  const auto table = DialectTable::embedded().value();
  StageSpec observe;
  observe.name = "observe";
  observe.inputs = {Stream::traces, Stream::feedback};
  observe.downstream = {{.stream = Stream::fragments}};
  observe.is_source = true;
  observe.make = [table] {
    return std::make_unique<Observe>(ObserveOptions{}, table, [](const CallTexts&) { return v1::TextSignals(); });
  };
  StageSpec assemble;
  assemble.name = "assemble";
  assemble.inputs = {Stream::fragments};
  assemble.downstream = {{.stream = Stream::partials}};
  assemble.make = [] { return std::make_unique<Assemble>(AssembleOptions{}); };
  return {observe, assemble};
}

/// A request of the session of its number, at one of two endpoints.
std::string request(int number) {
  const auto attribute = [](std::string_view key, std::string_view value) {
    return fmt::format(R"({{"key":"{}","value":{{"stringValue":"{}"}}}})", key, value);
  };
  const int64_t start = kStart + number * kSecond;
  return fmt::format(
      R"({{"resourceSpans":[{{"resource":{{"attributes":[{}]}},"scopeSpans":[{{"spans":[{{"traceId":"{:032x}",)"
      R"("spanId":"{:016x}","name":"chat","kind":2,"startTimeUnixNano":"{}","endTimeUnixNano":"{}","attributes":[{},{},{}]}}]}}]}}]}})",
      attribute("service.name", "shop"), number + 1, number + 1, start, start + kSecond,
      attribute("gen_ai.operation.name", "chat"), attribute("session.id", fmt::format("s{}", number)),
      attribute("http.route", number % 2 == 0 ? "/chat" : "/search"));
}

/// A vote on each request: by trace, by span, by session.
std::string vote(int number) {
  const std::string target = number % 3 == 0   ? fmt::format(R"("trace_id":"{:032x}")", number + 1)
                             : number % 3 == 1 ? fmt::format(R"("span_id":"{:016x}")", number + 1)
                                               : fmt::format(R"("session":"s{}")", number);
  return fmt::format(R"({{"id":"f{}",{},"thumb":"{}","time":"2026-01-01T00:01:{:02}Z"}})", number, target,
                     number % 4 == 0 ? "down" : "up", number);
}

struct Outcome {
  std::map<std::string, std::string> merged;  ///< bytes by entity, pane and measure
  std::map<std::pair<std::string, std::string>, uint64_t> counts;
};

Outcome run(int32_t partitions, uint64_t crashes, bool votes_first) {
  LocalRunner runner({.partitions = partitions}, stages(), {{Stream::traces, 2}, {Stream::feedback, 1}});
  const auto append = [&](Stream stream, int number) {
    const bool is_request = stream == Stream::traces;
    runner.append(stream, is_request ? number % 2 : 0,
                  {"", is_request ? request(number) : vote(number), {}, kMinTimestamp});
  };
  for (const bool is_request : {!votes_first, votes_first})
    for (int number = 0; number < kRequests; ++number) append(is_request ? Stream::traces : Stream::feedback, number);
  for (uint64_t i = 0; i < crashes; ++i) {
    runner.step(i % runner.tasks(), 1 + i % 7);
    runner.crash((i * 5) % runner.tasks(), 1 + i % 11);
  }
  runner.end_input();
  runner.run();
  MergedPartials merged;
  for (const auto& record : runner.records(Stream::partials)) merged.add(record.key, record.value);
  Outcome out;
  out.merged = merged.bytes();
  out.counts = runner.counts();
  out.counts.erase({"partials", ""});  // as many as commits had something to say
  return out;
}

TEST(Routing, VotesFindTheirRequestsInWhateverPartitionsAndOrder) {
  const Outcome one = run(1, 0, false);
  EXPECT_EQ(one.counts.at({"requests", ""}), static_cast<uint64_t>(kRequests));
  EXPECT_EQ(one.counts.at({"feedback", ""}), static_cast<uint64_t>(kRequests));
  EXPECT_EQ(one.counts.at({"findings_by_span", ""}), 13u);
  EXPECT_EQ(one.counts.at({"joined_by_span", ""}), 13u);
  const std::string votes = fmt::format("service=shop,endpoint=/chat@{}/votes", kStart + 60 * kSecond);
  ASSERT_TRUE(one.merged.contains(votes));
  EXPECT_EQ(Aggregate::deserialize(one.merged.at(votes))->observe().value, kRequests / 2);
  for (const int32_t partitions : {2, 3, 7})
    for (const bool votes_first : {false, true})
      for (const uint64_t crashes : {0, 60}) {
        const Outcome other = run(partitions, crashes, votes_first);
        EXPECT_EQ(other.merged, one.merged) << partitions << " partitions, " << crashes << " crashes";
        EXPECT_EQ(other.counts, one.counts);
      }
}

TEST(Routing, CommandsThatConcernEntitiesReachEveryTaskThatOwnsSome) {
  auto flow = stages();
  flow[0].inputs = {Stream::commands};
  flow[0].downstream.push_back({.stream = Stream::raised});
  LocalRunner runner({.partitions = 3}, flow, {{Stream::commands, 1}});
  const auto send = [&](std::string_view command) {
    runner.append(Stream::commands, 0, {"", std::string(command), {}, Timestamp(Duration(kStart))});
  };
  send(R"({"id":"m","at":"2026-01-01T00:00:00Z","mark":{"alert_ids":["a"],"verdict":"false"}})");
  send(R"({"id":"a","at":"2026-01-01T00:00:00Z","acknowledge":{"alert_id":"a"}})");
  send(R"({"id":"e","at":"2026-01-01T00:00:00Z","expect":{"until":"2026-01-01T01:00:00Z"}})");
  runner.end_input();
  runner.run();
  std::map<std::string, int> copies;
  for (const auto& record : runner.records(Stream::partials)) {
    v1::Partial partial;
    ASSERT_TRUE(partial.ParseFromString(record.value));
    ASSERT_TRUE(partial.has_command());
    ++copies[partial.command().id()];
  }
  EXPECT_EQ(copies, (std::map<std::string, int>{{"m", 3}, {"e", 3}})) << "the stage alert alone acknowledges";
  EXPECT_EQ(runner.records(Stream::raised).size(), 3u);
}

}  // namespace
}  // namespace tidewatch
