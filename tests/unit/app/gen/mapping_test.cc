#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "app/gen/simulator.h"
#include "stream/ingest/mapping/span_mapper.h"

namespace tidewatch::gen {
namespace {

using tidewatch::v1::SpanFacts;

/// Maps every span and counts what its facts hold.
class FactsCounter final : public OtlpSink {
 public:
  explicit FactsCounter(std::shared_ptr<const DialectTable> table) : mapper_(std::move(table)) {}

  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override {
    SpanFacts facts;
    const SpanMapper::Found found = mapper_.map(resource, scope, span, facts);
    const auto count = [&](const char* what, bool is_so) { counts[facts.operation()][what] += is_so ? 1 : 0; };
    count("spans", true);
    for (const auto& label : facts.labels()) count(label.name().c_str(), true);
    count("errors", facts.error());
    count("rate limits", facts.error_kind() == "rate_limit");
    count("timeouts", facts.error_kind() == "timeout");
    count("server errors", facts.error_kind() == "server_error");
    count("other errors", facts.error() && facts.error_kind() != "rate_limit" && facts.error_kind() != "timeout" &&
                              facts.error_kind() != "server_error");
    count("response models", !facts.response_model().empty());
    count("tokens", facts.has_input_tokens() && facts.has_output_tokens());
    count("cached", facts.has_cached_input_tokens());
    count("costs", facts.has_cost_usd());
    count("first tokens", facts.has_time_to_first_token_nano());
    count("finish reasons", facts.finish_reasons_size() > 0);
    count("documents", facts.has_documents() && facts.documents() > 0);
    count("scores", facts.has_retrieval_score());
    count("tools", !facts.tool_name().empty());
    count("questions", !found.texts.question.empty());
    count("answers", found.texts.answer.has_value());
    count("schemas", !found.texts.schema.empty());
    count("tool calls", found.texts.has_tool_calls);
  }
  void on_log(const OtlpAttributes&, const OtlpScope&, const OtlpLog&) override {}
  void on_bad(const Error& reason, std::string_view) override { FAIL() << reason.message; }

  std::map<int, std::map<std::string, int>> counts;

 private:
  SpanMapper mapper_;
};

TEST(GeneratedSpans, AreMappedWholeByTheDialectTables) {
  GenOptions options;
  options.scenario = "provider-slow";
  options.hours = 6;
  options.history = 0;
  options.rate = 30;
  const auto simulator = Simulator::create(options, OtlpEncoding::protobuf);
  FactsCounter facts(*DialectTable::embedded());
  OtlpDecoder decoder;
  simulator->run([&](const Emission& emission) {
    return emission.stream == Stream::feedback || decoder.decode_traces(emission.payload, facts).ok();
  });

  auto& server = facts.counts[tidewatch::v1::OPERATION_SERVER];
  ASSERT_GT(server["spans"], 15'000);
  for (const char* label : {"service", "endpoint", "user", "session", "segment", "variant", "prompt_version"}) {
    EXPECT_EQ(server[label], server["spans"]) << label;
  }
  EXPECT_GT(server["errors"], 100);

  auto& model = facts.counts[tidewatch::v1::OPERATION_LLM];
  ASSERT_GT(model["spans"], server["spans"]);
  const int answered = model["spans"] - model["errors"];
  EXPECT_GT(model["rate limits"], 50);
  EXPECT_GT(model["timeouts"], 5);
  EXPECT_GT(model["server errors"], 50);
  EXPECT_EQ(model["other errors"], 0);
  for (const char* what : {"response models", "tokens", "costs", "finish reasons"})
    EXPECT_EQ(model[what], answered) << what;
  EXPECT_EQ(model["questions"], model["spans"]);
  EXPECT_EQ(model["answers"] + model["tool calls"], answered);
  for (const char* what : {"schemas", "first tokens", "cached", "tool calls"}) EXPECT_GT(model[what], 2000) << what;

  auto& retrieval = facts.counts[tidewatch::v1::OPERATION_RETRIEVAL];
  ASSERT_GT(retrieval["spans"], 4000);
  for (const char* what : {"documents", "scores", "retrieval"}) EXPECT_EQ(retrieval[what], retrieval["spans"]) << what;

  auto& tool = facts.counts[tidewatch::v1::OPERATION_TOOL];
  ASSERT_GT(tool["spans"], 2000);
  EXPECT_EQ(tool["tools"], tool["spans"]);
  EXPECT_GT(tool["errors"], 10);
  EXPECT_GT(facts.counts[tidewatch::v1::OPERATION_AGENT]["spans"], 4000);
  EXPECT_GT(facts.counts[tidewatch::v1::OPERATION_EMBEDDING]["spans"], 4000);
  EXPECT_EQ(facts.counts.size(), 6U) << "every span is of a kind that is known";
}

}  // namespace
}  // namespace tidewatch::gen
