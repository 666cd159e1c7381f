#include "stream/signals/schema_check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tidewatch {
namespace {

constexpr std::string_view kOrder = R"({
  "type": "object",
  "properties": {"id": {"type": "integer", "minimum": 1}, "state": {"enum": ["open", "sent"]},
                 "lines": {"type": "array", "items": {"$ref": "#/definitions/line"}}},
  "required": ["id", "state"], "additionalProperties": false,
  "definitions": {"line": {"type": "object", "required": ["sku"]}}})";

TEST(SchemaCheck, AnAnswerThatKeepsToTheSchemaIsNoMismatch) {
  const SchemaCheck check;
  for (const auto* answer : {R"({"id": 7, "state": "open"})", "```json\n{\"id\": 7, \"state\": \"sent\"}\n```",
                             R"({"id": 7, "state": "open", "lines": [{"sku": "a"}]})"})
    EXPECT_EQ(check.is_mismatch(kOrder, answer), false) << answer;
}

TEST(SchemaCheck, WhatTheSchemaForbidsIsAMismatch) {
  const SchemaCheck check;
  for (const auto* answer :
       {R"({"id": 0, "state": "open"})", R"({"id": "7", "state": "open"})", R"({"id": 7})",
        R"({"id": 7, "state": "lost"})", R"({"id": 7, "state": "open", "note": ""})",
        R"({"id": 7, "state": "open", "lines": [{}]})", "[]", "The order is open.", R"({"id": 7, "state": "op)", ""})
    EXPECT_EQ(check.is_mismatch(kOrder, answer), true) << answer;
}

TEST(SchemaCheck, ASchemaThatCannotBeReadSaysNothingOfTheAnswer) {
  const SchemaCheck check;
  for (const auto* schema :
       {"{", "[]", "17", R"({"type": 5})", R"({"$ref": "http://example.com/schema"})",
        R"({"$ref": "#/definitions/none"})", R"({"$ref": "#"})", R"({"allOf": [{"$ref": "#"}], "type": "object"})",
        R"({"properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}}})"})
    EXPECT_EQ(check.is_mismatch(schema, R"({"a": 1})"), std::nullopt) << schema;
}

TEST(SchemaCheck, AnEmptySchemaAsksForAnyJson) {
  const SchemaCheck check;
  EXPECT_EQ(check.is_mismatch("", "{}"), false);
  EXPECT_EQ(check.is_mismatch("", "hello"), true);
}

TEST(SchemaCheck, RecursionThroughTheDocumentIsFollowed) {
  const SchemaCheck check;
  constexpr std::string_view kTree =
      R"({"type": "object", "required": ["name"], "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}})";
  EXPECT_EQ(check.is_mismatch(kTree, R"({"name": "a", "children": [{"name": "b", "children": []}]})"), false);
  EXPECT_EQ(check.is_mismatch(kTree, R"({"name": "a", "children": [{"children": []}]})"), true);
}

TEST(SchemaCheck, ExpressionsAndFormatsAreNotLookedAt) {
  const SchemaCheck check;
  const std::string schema = R"({"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"},
      "pattern": {"type": "string"}}, "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": false})";
  EXPECT_EQ(
      check.is_mismatch(schema, fmt::format(R"({{"a": "{}!", "pattern": "p", "x1": 5}})", std::string(5000, 'a'))),
      false);
  EXPECT_EQ(check.is_mismatch(schema, R"({"pattern": 5})"), true);  // a property of that name is one like any other
}

TEST(SchemaCheck, WhatIsKeptIsBoundedAndNeverChangesAVerdict) {
  const SchemaCheck check(4);
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 10; ++i) {
      const auto schema = fmt::format(R"({{"type": "integer", "minimum": {}}})", i);
      EXPECT_EQ(check.is_mismatch(schema, "5"), i > 5);
      EXPECT_LE(check.kept(), 4U);
    }
}

TEST(SchemaCheck, ThreadsMayShareIt) {
  const SchemaCheck check(2);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto schema = fmt::format(R"({{"type": "integer", "minimum": {}}})", i % 7);
        EXPECT_EQ(check.is_mismatch(schema, "3"), i % 7 > 3);
      }
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace tidewatch
