#include "stream/ingest/dialects/dialect_table.h"

#include <gmock/gmock.h>

#include <array>

namespace tidewatch {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kNormalise = R"(
missing: [unknown]
providers: {openai: [openai]}
finish_reasons: {stop: [stop]}
roles: {user: [user]}
error_kinds: [{kind: timeout, words: [timeout], statuses: [504]}]
)";

Result<std::shared_ptr<const DialectTable>> parse(std::string_view dialect, const LabelKeys& keys = {}) {
  const std::array<EmbeddedFile, 3> files{
      {{"normalise.yaml", kNormalise}, {"labels.yaml", "user: [user.id]"}, {"x.yaml", dialect}}};
  return DialectTable::parse(files, keys);
}

std::string mistake(std::string_view dialect) {
  const auto table = parse(dialect);
  EXPECT_FALSE(table);
  return table ? "" : table.error().code + ": " + table.error().message;
}

std::span<const Alias> find(const DialectTable& table, std::string_view key) {
  DialectTable::Numbers numbers;
  return table.find(key, numbers);
}

TEST(DialectTable, TheTablesOfTheBinaryAreRight) {
  const auto table = DialectTable::embedded();
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(find(**table, "gen_ai.usage.input_tokens").size(), 1U);
  EXPECT_TRUE(find(**table, "no.such.key").empty());
}

TEST(DialectTable, NumbersInKeysAreReadAsPlaces) {
  const auto table = DialectTable::embedded().value();
  DialectTable::Numbers numbers;
  const auto rows = table->find("llm.input_messages.12.message.contents.3.message_content.text", numbers);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].field, CanonicalField::input_text);
  EXPECT_EQ(numbers.first, 12U);
  EXPECT_EQ(numbers.second, 3U);
  EXPECT_TRUE(find(*table, "llm.input_messages.12a.message.content").empty());
  EXPECT_TRUE(find(*table, std::string(500, '1')).empty());
}

TEST(DialectTable, OrderOfDialectsThenPlaceInTheListRanks) {
  const auto table = parse(R"(
- {dialect: general, order: 2, fields: {provider: [a, b]}}
- {dialect: special, order: 1, fields: {provider: [c]}}
)");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_LT(find(**table, "c")[0].rank, find(**table, "a")[0].rank);
  EXPECT_LT(find(**table, "a")[0].rank, find(**table, "b")[0].rank);
}

TEST(DialectTable, ScopesAreWholeNamesOrPrefixesThatEndWithADot) {
  const auto table = DialectTable::embedded().value();
  const auto name = [&](std::string_view scope) {
    const int dialect = table->dialect_of_scope(scope);
    return dialect < 0 ? std::string_view{} : table->dialect_name(static_cast<size_t>(dialect));
  };
  EXPECT_EQ(name("ai"), "vercel-ai");
  EXPECT_EQ(name("ai.koog"), "koog");
  EXPECT_EQ(name("openinference.instrumentation.openai"), "openinference");
  EXPECT_EQ(name("opentelemetry.util.genai.handler"), "otel-genai");
  EXPECT_EQ(name("opentelemetry.instrumentation.openai.v1"), "openllmetry");
  EXPECT_EQ(name("airflow"), "");
}

TEST(DialectTable, LabelKeysOfTheUserComeFirst) {
  const auto table = parse("{dialect: d, order: 1, fields: {}}", {{"user", {"app.user"}}, {"plan", {"app.plan"}}});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ((*table)->labels(), (std::vector<std::string>{"plan", "user"}));
  EXPECT_LT(find(**table, "app.user")[0].rank, find(**table, "user.id")[0].rank);
}

TEST(DialectTable, TheLabelCostIsAField) {
  const auto table = parse("{dialect: d, order: 1, fields: {}}", {{"cost", {"app.price"}}});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(find(**table, "app.price")[0].field, CanonicalField::cost_usd);
  EXPECT_EQ((*table)->labels(), (std::vector<std::string>{"user"}));
}

TEST(DialectTable, MistakesNameTheFileAndWhatToDo) {
  EXPECT_THAT(mistake("{dialect: d, order: 1, fields: {modell: [a]}}"),
              HasSubstr("bad_dialect: x.yaml: d: unknown field \"modell\""));
  EXPECT_THAT(mistake("{dialect: d, order: 1, fields: {provider: a}}"), HasSubstr("must be a list"));
  EXPECT_THAT(mistake("{dialect: d, order: 1, fields: {provider: [{key: a, unit: h}]}}"), HasSubstr("none of s, ms"));
  EXPECT_THAT(mistake("{dialect: d, order: 1, fields: {provider: [{kay: a}]}}"), HasSubstr("unknown key \"kay\""));
  EXPECT_THAT(mistake("{dialect: d, order: 1, fields: {provider: [a, a]}}"), HasSubstr("stands twice"));
  EXPECT_THAT(mistake("{dialect: d, order: 1, fields: {provider: ['a#b']}}"), HasSubstr("JSON pointer"));
  EXPECT_THAT(mistake("{dialect: d, order: 1, events: {e: question}}"), HasSubstr("none of system, user"));
  EXPECT_THAT(mistake("{dialect: d, order: 1, feilds: {}}"), HasSubstr("unknown key \"feilds\""));
  EXPECT_THAT(mistake("{dialect: d, fields: ["), HasSubstr("bad_dialect"));
}

}  // namespace
}  // namespace tidewatch
