#include "stream/evaluate/evaluate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "stream/runtime/output_batch.h"
#include "tests/unit/stream/replay.h"

namespace tidewatch {
namespace {

using nlohmann::json;
using testing::Each;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kPeriod = 600;
constexpr int64_t kWait = 60;

Timestamp at(int64_t second) { return Timestamp(Duration(second * kSecond)); }

/// A topic in memory, which may have forgotten its beginning, or not answer.
class MemoryLookup final : public RecordLookup {
 public:
  Status read(std::span<const RecordPosition> positions, const Take& take) override {
    EXPECT_TRUE(std::is_sorted(positions.begin(), positions.end()));
    if (is_away) return Error{"broker_unavailable", "nobody answers"};
    for (const RecordPosition& at : positions) {
      ++reads;
      if (const auto found = records.find(at); found != records.end()) take(at, found->second);
    }
    return ok_status();
  }
  std::map<RecordPosition, std::string> records;
  int reads = 0;
  bool is_away = false;
};

std::string trace_of(int number) { return fmt::format("trace-{:010}", number); }

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

/// A message with the spans of these traces; without an answer their content was not recorded.
std::string message(const std::vector<std::pair<int, std::string>>& answers) {
  json spans = json::array();
  for (const auto& [number, answer] : answers) {
    json attributes = json::array({{{"key", "gen_ai.operation.name"}, {"value", {{"stringValue", "chat"}}}}});
    if (!answer.empty()) {
      const json said =
          json::array({{{"role", "assistant"}, {"parts", json::array({{{"type", "text"}, {"content", answer}}})}}});
      attributes.push_back({{"key", "gen_ai.output.messages"}, {"value", {{"stringValue", said.dump()}}}});
    }
    spans.push_back({{"traceId", hex(trace_of(number))},
                     {"spanId", fmt::format("{:016x}", number + 1)},
                     {"name", "chat"},
                     {"startTimeUnixNano", "1000000000"},
                     {"endTimeUnixNano", "2000000000"},
                     {"attributes", attributes}});
  }
  const json scope = {{"spans", spans}};
  const json resource = {{"scopeSpans", json::array({scope})}};
  return json{{"resourceSpans", json::array({resource})}}.dump();
}

v1::EvalRequest request(int number, int64_t period = 0) {
  v1::EvalRequest out;
  out.set_trace_id(trace_of(number));
  out.set_rate(1);
  out.set_period_unix_nano(period * kSecond);
  out.set_time_unix_nano((period + 1) * kSecond);
  auto* label = out.add_labels();
  label->set_name("endpoint");
  label->set_value("/chat");
  auto* source = out.add_sources();
  source->set_topic("spans");
  source->set_offset(number);
  return out;
}

/// A fake judge: it answers when it is told to, and says which owner waits for what.
class FakeJudge final : public AnswerJudge {
 public:
  size_t submit(const void* owner, const AnsweredTexts& texts, const std::map<std::string, std::string>&,
                const ChosenRequest& chosen) override {
    ++submitted;
    JudgedAnswer one;
    one.trace_id = chosen.request.trace_id();
    one.is_counted = chosen.probability.has_value();
    for (const char* judge : {"helpful", "polite"}) {
      one.judge = judge;
      one.event.set_id(std::string("tidewatch/") + judge + "/" + hex(one.trace_id));
      one.event.set_trace_id(hex(one.trace_id));
      one.event.set_name(judge);
      one.event.set_score(static_cast<double>(texts.answer->size()) / 100);
      waiting[owner].push_back(one);
    }
    return 2;
  }
  std::vector<JudgedAnswer> collect(const void* owner) override {
    if (!is_there) return {};
    auto out = std::exchange(waiting[owner], {});
    if (!unjudged.empty())
      for (JudgedAnswer& one : out) one.unjudged = unjudged;
    return out;
  }
  void forget(const void* owner) override { waiting.erase(owner); }

  std::map<const void*, std::vector<JudgedAnswer>> waiting;
  size_t submitted = 0;
  bool is_there = true;
  std::string unjudged;
};

class EvaluateTest : public testing::Test {
 protected:
  EvaluateTest() {
    options_.sampling.random = 1;
    options_.wait = Duration(kWait * kSecond);
    options_.logs_topic = "logs";
    for (int number = 0; number < 500; ++number)
      lookup_->records[{"spans", 0, number}] = message({{number, number % 4 == 0 ? "No." : "A longer answer."}});
  }

  Evaluate& stage() {
    if (!stage_) stage_.emplace(options_, parts());
    return *stage_;
  }
  Evaluate::Parts parts() const {
    const ValidatorRule rule{
        .name = "long_enough", .check = "length", .settings = {{"min_characters", "5"}}, .where = {}};
    return {std::make_shared<const RuleValidators>(std::move(RuleValidators::make({rule})).value()),
            DialectTable::embedded().value(), lookup_, judge_};
  }
  void offer(const v1::EvalRequest& request) {
    const std::string value = request.SerializeAsString();
    Record record;
    record.offset = next_offset_++;
    record.value = value;
    stage().on_record(record, out_);
  }
  void watermark(int64_t second) { stage().on_watermark(at(second), out_); }
  std::vector<json> evaluations() const {
    std::vector<json> out;
    for (const Output& output : out_.outputs())
      if (output.stream == Stream::evaluations) out.push_back(json::parse(output.value));
    return out;
  }
  uint64_t count(const std::string& name, const std::string& label = {}) const {
    const auto found = out_.counts().find({name, label});
    return found == out_.counts().end() ? 0 : found->second;
  }

  EvaluateOptions options_;
  std::shared_ptr<MemoryLookup> lookup_ = std::make_shared<MemoryLookup>();
  std::shared_ptr<FakeJudge> judge_;
  std::optional<Evaluate> stage_;
  OutputBatch out_{"evaluate"};
  int64_t next_offset_ = 0;
};

TEST_F(EvaluateTest, JudgesTheTextsOfAPeriodOverTheNextOne) {
  for (int i = 0; i < 200; ++i) offer(request(i));
  watermark(kPeriod + kWait - 1);
  EXPECT_THAT(evaluations(), IsEmpty()) << "more may be offered";
  watermark(kPeriod + kWait + kPeriod / 2);
  EXPECT_NEAR(static_cast<double>(evaluations().size()), 100, 25) << "half of the time, half of them";
  watermark(2 * kPeriod + kWait);
  ASSERT_THAT(evaluations(), SizeIs(200));
  std::set<std::string> ids;
  for (const json& one : evaluations()) {
    ids.insert(one.at("id"));
    const std::string trace = one.at("trace_id");
    EXPECT_EQ(one.at("name"), "long_enough");
    EXPECT_EQ(one.at("evaluator"), "tidewatch/length");
    EXPECT_EQ(one.at("inclusion_probability"), 1);
    EXPECT_EQ(one.at("labels").at("endpoint"), "/chat");
    EXPECT_FALSE(one.contains("time")) << "it is made when it is appended";
    int number = 0;
    while (hex(trace_of(number)) != trace) ++number;
    EXPECT_EQ(one.at("passed"), number % 4 != 0) << number;
  }
  EXPECT_THAT(ids, SizeIs(200));
  EXPECT_EQ(count("evaluated_requests"), 200u);
  EXPECT_EQ(count("validations", "long_enough"), 200u);
}

TEST_F(EvaluateTest, ABudgetLowersTheProbabilityAndIsCounted) {
  options_.sampling.budget_per_hour = 120;  // twenty in ten minutes
  for (int i = 0; i < 200; ++i) {
    auto one = request(i);
    one.set_rate(0.9999);
    offer(one);
  }
  watermark(2 * kPeriod + kWait);
  EXPECT_THAT(evaluations(), SizeIs(20));
  EXPECT_EQ(count("over_budget_requests"), 180u);
  for (const json& one : evaluations()) EXPECT_NEAR(one.at("inclusion_probability").get<double>(), 0.1, 0.06);
}

TEST_F(EvaluateTest, WhatIsReportedAfterItsPeriodIsJudgedAtOnceAndOutsideOfTheSample) {
  watermark(kPeriod + kWait + 30);
  auto reported = request(1);
  reported.set_outside_sample(true);
  offer(reported);
  watermark(kPeriod + kWait + 30);
  ASSERT_THAT(evaluations(), SizeIs(1));
  EXPECT_FALSE(evaluations()[0].contains("inclusion_probability"));
  EXPECT_EQ(evaluations()[0].at("name"), "long_enough_outside_sample");
}

TEST_F(EvaluateTest, OffersAfterTheChoiceAreCountedAndNotJudged) {
  watermark(kPeriod + kWait);
  offer(request(1));
  watermark(10 * kPeriod);
  EXPECT_THAT(evaluations(), IsEmpty());
  EXPECT_EQ(count("late_eval_requests"), 1u);
}

TEST_F(EvaluateTest, MessagesWithManyTracesAreReadOnce) {
  lookup_->records.clear();
  std::vector<std::pair<int, std::string>> all;
  for (int i = 0; i < 50; ++i) {
    all.emplace_back(i, "An answer.");
    auto one = request(i);
    one.mutable_sources(0)->set_offset(7);
    offer(one);
  }
  lookup_->records[{"spans", 0, 7}] = message(all);
  watermark(2 * kPeriod + kWait);
  EXPECT_THAT(evaluations(), SizeIs(50));
  EXPECT_EQ(lookup_->reads, 1);
}

TEST_F(EvaluateTest, ContentFromLogRecordsIsReadToo) {
  lookup_->records.clear();
  lookup_->records[{"spans", 0, 1}] = message({{1, ""}});
  const json choice = {{"traceId", hex(trace_of(1))},
                       {"spanId", fmt::format("{:016x}", 2)},
                       {"timeUnixNano", "2000000000"},
                       {"eventName", "gen_ai.choice"},
                       {"body", {{"stringValue", R"({"message":{"role":"assistant","content":"From the log."}})"}}}};
  const json scope = {{"logRecords", json::array({choice})}};
  const json resource = {{"scopeLogs", json::array({scope})}};
  lookup_->records[{"logs", 0, 3}] = json{{"resourceLogs", json::array({resource})}}.dump();
  auto one = request(1);
  auto* log = one.add_sources();
  log->set_topic("logs");
  log->set_offset(3);
  offer(one);
  watermark(2 * kPeriod + kWait);
  ASSERT_THAT(evaluations(), SizeIs(1));
  EXPECT_EQ(evaluations()[0].at("passed"), true);
}

TEST_F(EvaluateTest, WhatCannotBeReadIsCountedByItsReason) {
  lookup_->records.erase({"spans", 0, 1});                 // deleted by retention
  lookup_->records[{"spans", 0, 2}] = message({{2, ""}});  // content was not recorded
  lookup_->records[{"spans", 0, 3}] = "no message";
  for (int i = 0; i < 6; ++i) offer(request(i));
  watermark(2 * kPeriod + kWait);
  EXPECT_THAT(evaluations(), SizeIs(3)) << "the others";
  EXPECT_EQ(count("missing_texts"), 1u);
  EXPECT_EQ(count("unanswered_requests"), 2u);
  lookup_->is_away = true;
  offer(request(9, 2 * kPeriod));
  watermark(4 * kPeriod + kWait);
  EXPECT_EQ(count("unread_texts"), 1u);
}

TEST_F(EvaluateTest, WhatIsNoRequestGoesToTheDeadLetters) {
  Record record;
  record.value = "\xff\xff";
  stage().on_record(record, out_);
  v1::EvalRequest short_id = request(1);
  short_id.set_trace_id("short");
  offer(short_id);
  offer(request(2));
  watermark(2 * kPeriod + kWait);
  EXPECT_EQ(count("bad_eval_requests"), 2u);
  EXPECT_THAT(evaluations(), SizeIs(1));
}

TEST_F(EvaluateTest, NeedsItsRecordsUntilTheLastOfTheirPeriodIsJudged) {
  EXPECT_EQ(stage().needed_from(), kNothingNeeded);
  next_offset_ = 40;
  for (int i = 0; i < 20; ++i) offer(request(i));
  for (int i = 20; i < 40; ++i) offer(request(i, kPeriod));
  EXPECT_EQ(stage().needed_from(), 40);
  watermark(kPeriod + kWait + kPeriod / 2);
  EXPECT_EQ(stage().needed_from(), 40);
  watermark(2 * kPeriod + kWait);
  EXPECT_EQ(stage().needed_from(), 60);
  watermark(3 * kPeriod + kWait);
  EXPECT_EQ(stage().needed_from(), kNothingNeeded);
}

TEST_F(EvaluateTest, JudgesAnswerWhenTheyCan) {
  judge_ = std::make_shared<FakeJudge>();
  judge_->is_there = false;
  for (int i = 0; i < 10; ++i) offer(request(i));
  watermark(2 * kPeriod + kWait);
  EXPECT_THAT(evaluations(), SizeIs(10)) << "the validator's, at once";
  EXPECT_EQ(judge_->submitted, 10u);
  EXPECT_EQ(stage().needed_from(), 0) << "a restart asks again";
  watermark(9 * kPeriod);
  EXPECT_EQ(stage().needed_from(), 0);
  judge_->is_there = true;
  watermark(9 * kPeriod + 1);
  EXPECT_THAT(evaluations(), SizeIs(30));
  EXPECT_EQ(count("judgements", "polite"), 10u);
  EXPECT_EQ(stage().needed_from(), kNothingNeeded);
}

TEST_F(EvaluateTest, WhatIsNotJudgedIsCountedAndNotWaitedFor) {
  judge_ = std::make_shared<FakeJudge>();
  judge_->unjudged = "expired";
  for (int i = 0; i < 10; ++i) offer(request(i));
  watermark(2 * kPeriod + kWait);
  EXPECT_THAT(evaluations(), SizeIs(10));
  EXPECT_EQ(count("unjudged", "expired"), 20u);
  EXPECT_EQ(stage().needed_from(), kNothingNeeded);
}

TEST_F(EvaluateTest, AReportOfASampledAnswerIsJudgedBesideIt) {
  judge_ = std::make_shared<FakeJudge>();
  offer(request(1));
  watermark(kPeriod + kWait);
  auto reported = request(1);
  reported.set_outside_sample(true);
  offer(reported);
  offer(reported);
  watermark(2 * kPeriod + kWait);
  EXPECT_EQ(judge_->submitted, 2u);
  EXPECT_EQ(stage().needed_from(), kNothingNeeded);
}

TEST_F(EvaluateTest, ARestartLosesNoJudgement) {
  judge_ = std::make_shared<FakeJudge>();
  judge_->is_there = false;
  for (int i = 0; i < 10; ++i) offer(request(i));
  watermark(2 * kPeriod + kWait);
  const int64_t from = stage().needed_from();
  stage_.reset();
  EXPECT_TRUE(judge_->waiting.empty()) << "nobody waits any more";
  out_.clear();
  NoEffects nothing;
  next_offset_ = from;
  for (int i = 0; i < 10; ++i) {
    const std::string value = request(i).SerializeAsString();
    Record record;
    record.offset = next_offset_++;
    record.value = value;
    stage().on_record(record, nothing);
  }
  stage().on_watermark(at(2 * kPeriod + kWait), nothing);
  EXPECT_THAT(evaluations(), IsEmpty());
  judge_->is_there = true;
  watermark(2 * kPeriod + kWait + 1);
  EXPECT_THAT(evaluations(), SizeIs(20)) << "those of the judges alone";
}

TEST_F(EvaluateTest, ARestartAnywhereRepeatsAndLosesNothing) {
  options_.sampling.budget_per_hour = 200;
  std::vector<LogEntry> log;
  for (int i = 0; i < 300; ++i) {
    const int64_t period = i / 60 * kPeriod;
    auto one = request(i, period);
    one.set_rate(i % 3 == 0 ? 1 : 0.5);
    one.set_outside_sample(i % 17 == 0);
    log.push_back(LogEntry::data("", one.SerializeAsString()));
    if (i % 5 == 0) log.push_back(LogEntry::mark(at(period + i % 60 * 10 - 20)));
  }
  for (int64_t second = 5 * kPeriod; second < 8 * kPeriod; second += 45) log.push_back(LogEntry::mark(at(second)));
  StageSpec spec;
  spec.name = "evaluate";
  spec.inputs = {Stream::eval_requests};
  spec.make = [this]() -> std::unique_ptr<Stage> { return std::make_unique<Evaluate>(options_, parts()); };
  for (const size_t batch : {1, 7, 40}) {
    ReplayCheck check(spec, log);
    check.run(batch, batch == 1 ? 5 : 1);
    EXPECT_GT(check.outputs().outputs().size(), 100u);
  }
}

}  // namespace
}  // namespace tidewatch
