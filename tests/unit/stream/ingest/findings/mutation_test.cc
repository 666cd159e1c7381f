#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>

#include <cmath>
#include <random>
#include <set>

#include "stream/ingest/evaluation.h"
#include "stream/ingest/feedback.h"
#include "tests/unit/stream/ingest/findings/parsed.h"
#include "tidewatch/v1/evaluation.pb.h"
#include "tidewatch/v1/feedback.pb.h"

namespace tidewatch {
namespace {

// Damaged messages of every shape: nothing crashes, what is accepted keeps its promises, and the same bytes give the
// same result. The seeds are fixed, so a failure repeats.

constexpr int kRounds = 10000;
constexpr std::string_view kComment = "SECRET";

std::vector<std::string> corpus() {
  v1::FeedbackEvent feedback;
  feedback.set_id("f1");
  feedback.set_trace_id(std::string(kTraceHex));
  feedback.set_score(3);
  feedback.set_score_max(5);
  feedback.set_score_min(1);
  feedback.set_comment(std::string(kComment));
  (*feedback.mutable_labels())["service"] = "shop";
  v1::EvaluationEvent evaluation;
  evaluation.set_span_id(std::string(kSpanHex));
  evaluation.set_name("relevance");
  evaluation.set_score(0.5);
  evaluation.set_inclusion_probability(0.1);
  evaluation.mutable_time()->set_seconds(1'767'225'600);
  const std::string ids = fmt::format(R"("traceId":"{0}","trace_id":"{0}","run_id":"{1}","span_id":"{2}")", kTraceHex,
                                      kTraceUuid, kSpanHex);
  return {feedback.SerializeAsString(),
          evaluation.SerializeAsString(),
          fmt::format(R"({{{},"name":"n","score":0.5,"thumb":"up","time":"2026-01-01T00:00:00Z","comment":"SECRET"}})",
                      ids),
          fmt::format(R"({{{},"name":"n","value":0.5,"dataType":"NUMERIC","comment":"SECRET"}})", ids),
          fmt::format(R"({{"batch":[{{"id":"e","type":"score-create","timestamp":"2026-01-01T00:00:00Z",)"
                      R"("body":{{{},"name":"n","value":"good"}}}}]}})",
                      ids),
          fmt::format(R"({{"data":[{{{},"name":"n","annotator_kind":"LLM","result":{{"label":"l","score":1,)"
                      R"("explanation":"SECRET"}}}}]}})",
                      ids),
          fmt::format(R"([{{{},"key":"n","score":true,"comment":"SECRET","created_at":"2026-01-01 00:00:00",)"
                      R"("feedback_config":{{"min":0,"max":1,"categories":[{{"value":1,"label":"x"}}]}}}}])",
                      ids),
          fmt::format(R"({{"assessment":{{{},"assessment_name":"n","feedback":{{"value":5}},"rationale":"SECRET",)"
                      R"("create_time_ms":1767225600000,"source":{{"source_type":"CODE","source_id":"rule"}}}}}})",
                      ids)};
}

std::string damaged(std::string text, std::mt19937_64& random) {
  static constexpr std::string_view kSpice = "{}[]\",:0129-eE.nulltrufase\\u\n\0\xff\x80\x0a\x22";
  const int edits = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < edits && !text.empty(); ++i) {
    const size_t at = random() % text.size();
    switch (random() % 6) {
      case 0:
        text[at] = kSpice[random() % kSpice.size()];
        break;
      case 1:
        text.erase(at, 1 + random() % 8);
        break;
      case 2:
        text.insert(at, 1, kSpice[random() % kSpice.size()]);
        break;
      case 3:
        text.resize(at);
        break;
      case 4:
        text.insert(at, text.substr(random() % text.size(), random() % 24));
        break;
      default:
        text[at] = static_cast<char>(text[at] ^ (1 << (random() % 8)));
    }
  }
  return text;
}

void expect_sound(const EventTarget& target) {
  switch (target.kind) {
    case EventTarget::Kind::trace:
      EXPECT_EQ(target.id.size(), 16U);
      break;
    case EventTarget::Kind::span:
      EXPECT_EQ(target.id.size(), 8U);
      break;
    case EventTarget::Kind::session:
      EXPECT_FALSE(target.id.empty());
  }
}

void expect_sound(const Findings& findings) {
  for (const auto& one : findings.feedback) {
    expect_sound(one.target);
    EXPECT_FALSE(one.facts.id().empty());
    EXPECT_FALSE(one.facts.name().empty());
    if (one.facts.has_score()) {
      EXPECT_GE(one.facts.score(), 0);
      EXPECT_LE(one.facts.score(), 1);
    }
    EXPECT_LE(one.facts.label().size(), kMaxLabelBytes);
  }
  for (const auto& one : findings.evaluations) {
    expect_sound(one.target);
    EXPECT_FALSE(one.facts.id().empty());
    EXPECT_FALSE(one.facts.name().empty());
    EXPECT_TRUE(std::isfinite(one.facts.score()));
    if (one.facts.has_inclusion_probability()) {
      EXPECT_GT(one.facts.inclusion_probability(), 0);
      EXPECT_LE(one.facts.inclusion_probability(), 1);
    }
  }
  for (const auto& one : findings.bad) {
    EXPECT_FALSE(one.error.code.empty());
    EXPECT_FALSE(one.error.message.empty());
  }
}

std::string text_of(const Result<Findings>& result) {
  if (!result) return result.error().code + result.error().message;
  std::string out = std::to_string(result->ignored);
  for (const auto& one : result->feedback) out += one.target.key() + one.facts.SerializeAsString();
  for (const auto& one : result->evaluations) out += one.target.key() + one.facts.SerializeAsString();
  for (const auto& one : result->bad) out += one.error.code + one.error.message + one.part;
  return out;
}

using Parse = Result<Findings> (*)(std::string_view, Timestamp, const ScoreRanges&);

/// How often damaged messages were accepted, in part refused, and refused.
std::set<std::string> outcomes_of(Parse parse, std::string_view original, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::set<std::string> seen;
  for (int round = 0; round < kRounds; ++round) {
    const std::string payload = damaged(std::string(original), random);
    const auto first = parse(payload, kAppended, {});
    EXPECT_EQ(text_of(first), text_of(parse(payload, kAppended, {}))) << "seed " << seed << " round " << round;
    if (first) {
      expect_sound(*first);
      for (const auto& bad : first->bad) seen.insert(bad.error.code);
      if (!first->feedback.empty() || !first->evaluations.empty()) seen.insert("accepted");
    } else {
      seen.insert(first.error().code);
    }
  }
  return seen;
}

TEST(FindingMutations, NothingCrashesAndWhatIsAcceptedKeepsItsPromises) {
  const google::protobuf::LogSilencer no_lines_about_damaged_utf8;
  uint64_t seed = 1;
  for (const Parse parse : {Parse{parse_feedback}, Parse{parse_evaluations}}) {
    std::set<std::string> seen;
    for (const auto& original : corpus()) seen.merge(outcomes_of(parse, original, seed++));
    // The damage is neither harmless nor hopeless: all these were met.
    for (const auto* code : {"accepted", "bad_json", "not_an_event", "bad_event", "bad_trace_id", "no_target"})
      EXPECT_TRUE(seen.contains(code)) << code;
  }
}

TEST(FindingMutations, TextsOfPeopleStayBehindInEveryShape) {
  const google::protobuf::LogSilencer the_other_topics_event_is_no_utf8;
  for (const auto& original : corpus()) {
    for (const Parse parse : {Parse{parse_feedback}, Parse{parse_evaluations}}) {
      const auto seen = parse(original, kAppended, {});
      if (!seen) continue;
      std::string kept;
      for (const auto& one : seen->feedback) kept += one.facts.SerializeAsString();
      for (const auto& one : seen->evaluations) kept += one.facts.SerializeAsString();
      EXPECT_EQ(kept.find(kComment), std::string::npos) << original;
    }
  }
}

TEST(FindingMutations, DeepAndWideJsonIsBoundedByItsOwnSize) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(parse_feedback(deep, kAppended).error().code, "bad_json");
  std::string wide = "[";
  for (int i = 0; i < 20'000; ++i) wide += "0,";
  wide += "0]";
  const auto seen = feedback_of(wide);
  EXPECT_EQ(seen.bad.size(), 20'001U);
}

}  // namespace
}  // namespace tidewatch
