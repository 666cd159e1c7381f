#include "app/gen/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "stream/publish/timestamps.h"
#include "tests/unit/app/otlp_collector.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch::gen {
namespace {

using ::testing::HasSubstr;

GenOptions small(const std::string& scenario = "demo-day") {
  GenOptions out;
  out.scenario = scenario;
  out.hours = 4;
  out.history = 1;
  out.rate = 10;
  return out;
}

std::vector<Emission> all_of(const GenOptions& options, OtlpEncoding encoding = OtlpEncoding::protobuf) {
  std::vector<Emission> out;
  const auto simulator = Simulator::create(options, encoding);
  EXPECT_TRUE(simulator.ok());
  simulator->run([&](const Emission& emission) {
    out.push_back(emission);
    return true;
  });
  return out;
}

uint64_t digest(const std::vector<Emission>& emissions) {
  uint64_t out = 0;
  for (const Emission& emission : emissions) {
    out = XXH64(emission.payload.data(), emission.payload.size(),
                out + static_cast<uint64_t>(emission.export_time.time_since_epoch().count()));
  }
  return out;
}

TEST(Simulator, TheSameSeedGivesTheSameTrafficAndAnotherSeedOther) {
  GenOptions options = small();
  const uint64_t first = digest(all_of(options));
  EXPECT_EQ(digest(all_of(options)), first);
  options.seed = 2;
  EXPECT_NE(digest(all_of(options)), first);
}

TEST(Simulator, MessagesComeInExportOrderAfterWhatTheyTell) {
  Timestamp last = kMinTimestamp;
  size_t children_before_root = 0;
  std::set<std::string> ended_roots;
  for (const Emission& emission : all_of(small())) {
    EXPECT_GE(emission.export_time, last);
    last = emission.export_time;
    if (emission.stream != Stream::traces) continue;
    otlp::v1::TracesData message;
    ASSERT_TRUE(message.ParseFromString(emission.payload));
    ASSERT_EQ(message.resource_spans_size(), 1);
    size_t spans = 0;
    std::set<std::string> roots_here;
    std::set<std::string> traces_here;
    for (const auto& scope : message.resource_spans(0).scope_spans()) {
      for (const auto& span : scope.spans()) {
        ++spans;
        EXPECT_EQ(span.trace_id().size(), 16U);
        EXPECT_LE(span.start_time_unix_nano(), span.end_time_unix_nano());
        const Timestamp end{Duration(static_cast<int64_t>(span.end_time_unix_nano()))};
        EXPECT_LE(end, emission.export_time);
        EXPECT_LE(emission.export_time - end, std::chrono::seconds(5));
        (span.parent_span_id().empty() ? roots_here : traces_here).insert(span.trace_id());
      }
    }
    EXPECT_EQ(spans, emission.spans);
    for (const auto& trace : traces_here)
      children_before_root += roots_here.contains(trace) || ended_roots.contains(trace) ? 0 : 1;
    ended_roots.merge(roots_here);
  }
  EXPECT_GT(children_before_root, 50U);
}

TEST(Simulator, EverySpanHasItsParentInTheTrace) {
  std::map<std::string, std::set<std::string>> ids;
  std::vector<std::pair<std::string, std::string>> parents;
  for (const Emission& emission : all_of(small("cost-spike"))) {
    otlp::v1::TracesData message;
    if (emission.stream != Stream::traces || !message.ParseFromString(emission.payload)) continue;
    for (const auto& scope : message.resource_spans(0).scope_spans()) {
      for (const auto& span : scope.spans()) {
        EXPECT_TRUE(ids[span.trace_id()].insert(span.span_id()).second);
        if (!span.parent_span_id().empty()) parents.emplace_back(span.trace_id(), span.parent_span_id());
      }
    }
  }
  ASSERT_GT(ids.size(), 4000U);
  for (const auto& [trace, parent] : parents) EXPECT_TRUE(ids[trace].contains(parent));
}

TEST(Simulator, DisorderRepeatsAndDelaysMessagesWithoutLosingAny) {
  GenOptions options = small();
  std::map<std::string, int> in_order;
  for (const Emission& emission : all_of(options)) ++in_order[emission.payload];
  options.disorder = 0.1;
  std::map<std::string, int> disordered;
  Timestamp last = kMinTimestamp;
  size_t late = 0;
  for (const Emission& emission : all_of(options)) {
    EXPECT_GE(emission.export_time, last);
    last = emission.export_time;
    ++disordered[emission.payload];
    otlp::v1::TracesData message;
    if (emission.stream != Stream::traces || !message.ParseFromString(emission.payload)) continue;
    const Timestamp end{
        Duration(static_cast<int64_t>(message.resource_spans(0).scope_spans(0).spans(0).end_time_unix_nano()))};
    late += emission.export_time - end > std::chrono::seconds(30) ? 1 : 0;
  }
  EXPECT_EQ(disordered.size(), in_order.size());
  const auto repeated =
      static_cast<double>(std::ranges::count_if(disordered, [](const auto& entry) { return entry.second == 2; }));
  EXPECT_NEAR(repeated / static_cast<double>(disordered.size()), 0.1, 0.01);
  EXPECT_GT(late, disordered.size() / 25);
}

TEST(Simulator, JsonAndProtobufSayTheSame) {
  GenOptions options = small();
  options.hours = 1;
  const auto as_protobuf = all_of(options);
  const auto as_json = all_of(options, OtlpEncoding::json);
  ASSERT_EQ(as_protobuf.size(), as_json.size());
  OtlpDecoder decoder;
  OtlpCollector from_protobuf;
  OtlpCollector from_json;
  for (size_t i = 0; i < as_json.size(); ++i) {
    if (as_json[i].stream == Stream::feedback) continue;
    EXPECT_EQ(as_json[i].payload.find('\n'), std::string::npos);
    ASSERT_TRUE(decoder.decode_traces(as_protobuf[i].payload, from_protobuf).ok());
    ASSERT_TRUE(decoder.decode_traces(as_json[i].payload, from_json).ok());
  }
  EXPECT_GT(from_json.records.size(), 5000U);
  EXPECT_EQ(from_json.records, from_protobuf.records);
  EXPECT_EQ(from_json.bad, 0U);
}

TEST(Simulator, FeedbackNamesItsTraceAndComesAfterIt) {
  std::map<std::string, Timestamp> ends;
  size_t votes = 0;
  for (const Emission& emission : all_of(small())) {
    if (emission.stream == Stream::traces) {
      otlp::v1::TracesData message;
      ASSERT_TRUE(message.ParseFromString(emission.payload));
      for (const auto& scope : message.resource_spans(0).scope_spans()) {
        for (const auto& span : scope.spans())
          ends[span.trace_id()] = Timestamp(Duration(static_cast<int64_t>(span.end_time_unix_nano())));
      }
      continue;
    }
    ++votes;
    const auto event = nlohmann::json::parse(emission.payload);
    EXPECT_EQ(event.at("op"), "create");
    EXPECT_EQ(event.at("trace_id"), emission.key);
    EXPECT_EQ(event.at("trace_id").get<std::string>().size(), 32U);
    EXPECT_EQ(event.at("time"), rfc3339(emission.export_time));
  }
  EXPECT_GT(votes, 300U);
}

TEST(Simulator, StopsWhenTheReceiverWantsNoMore) {
  const auto simulator = Simulator::create(small(), OtlpEncoding::json);
  size_t seen = 0;
  simulator->run([&](const Emission&) { return ++seen < 10; });
  EXPECT_EQ(seen, 10U);
}

TEST(Scenario, EveryOneIsBuiltWithIncidentsInsideTheJudgedPeriod) {
  for (const std::string_view name : scenario_names()) {
    GenOptions options;
    options.scenario = name;
    const auto scenario = build_scenario(options);
    ASSERT_TRUE(scenario.ok()) << name;
    EXPECT_FALSE(scenario->incidents.empty()) << name;
    std::set<std::string> ids;
    for (const Incident& incident : scenario->incidents) {
      EXPECT_TRUE(ids.insert(incident.id).second);
      EXPECT_GE(incident.starts_at, scenario->start) << incident.id;
      EXPECT_LT(incident.starts_at, incident.ends_at) << incident.id;
      EXPECT_LE(incident.ends_at, scenario->end) << incident.id;
      EXPECT_FALSE(incident.measures.empty());
      const auto label = nlohmann::json::parse(label_line(incident));
      EXPECT_EQ(label.at("incident"), incident.id);
      EXPECT_EQ(label.at("starts_at"), rfc3339(incident.starts_at));
    }
  }
}

TEST(Scenario, OfADemoDayAreApartFromEachOther) {
  const auto scenario = build_scenario({});
  for (const Incident& one : scenario->incidents) {
    for (const Incident& other : scenario->incidents) {
      if (&one == &other || !one.expect_alert || !other.expect_alert || one.service != other.service) continue;
      EXPECT_TRUE(one.ends_at <= other.starts_at || other.ends_at <= one.starts_at) << one.id << " and " << other.id;
    }
  }
}

TEST(Scenario, ShorterDaysHaveTheSameIncidentsCloserTogether) {
  GenOptions options;
  options.hours = 6;
  const auto scenario = build_scenario(options);
  EXPECT_EQ(scenario->incidents.size(), build_scenario({})->incidents.size());
  EXPECT_EQ(scenario->end - scenario->start, std::chrono::hours(6));
  EXPECT_EQ(scenario->start - scenario->history_start, std::chrono::hours(72));
}

TEST(Scenario, WrongOptionsAreNamed) {
  GenOptions options;
  options.scenario = "model-updat";
  EXPECT_THAT(build_scenario(options).error().message, HasSubstr("did you mean \"model-update\"?"));
  options.scenario = "demo-day";
  options.rate = 0;
  EXPECT_EQ(build_scenario(options).error().code, "bad_option");
  options.rate = 1;
  options.hours = 0.5;
  EXPECT_THAT(build_scenario(options).error().message, HasSubstr("not 0.5"));
}

}  // namespace
}  // namespace tidewatch::gen
