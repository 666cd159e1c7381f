#include "stream/signals/json_answer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace tidewatch {
namespace {

TEST(JsonAnswer, AValueIsWholeWithOrWithoutAFence) {
  for (const auto* text : {R"({"a": [1, 2.5, null]})", "[]", "\"text\"", "42", "```json\n{\"a\": 1}\n```",
                           "  ```\n[1]\n```  ", "\xEF\xBB\xBF{}", "```JSON\n{\"a\": \"```\"}\n```"})
    EXPECT_EQ(json_form(text), JsonForm::whole) << text;
  nlohmann::json value;
  ASSERT_EQ(json_form("```json\n{\"a\": 1}\n```", &value), JsonForm::whole);
  EXPECT_EQ(value["a"], 1);
}

TEST(JsonAnswer, EveryPrefixOfAnObjectIsCutOff) {
  const std::string whole = R"({"name": "Ål 日本", "list": [1, -2.5e3, true, null, {"deep": "a\"b\u00e5"}]})";
  ASSERT_EQ(json_form(whole), JsonForm::whole);
  for (size_t length = 1; length < whole.size(); ++length) {
    // Inside a character of several bytes the text is no UTF-8: a model's output is cut between tokens, not there.
    if ((static_cast<unsigned char>(whole[length]) & 0xC0) == 0x80) continue;
    EXPECT_EQ(json_form(whole.substr(0, length)), JsonForm::cut_off) << whole.substr(0, length);
  }
  EXPECT_EQ(json_form("```json\n{\"a\": [1, 2"), JsonForm::cut_off);
}

TEST(JsonAnswer, ProseAndBrokenJsonAreNeitherWholeNorCutOff) {
  for (const auto* text : {"", "Here is the JSON: {\"a\": 1}", "{\"a\": 1} I hope this helps.", "{'a': 1}", "{\"a\" 1}",
                           "{a: 1", "[1,]", "Sure", "\"unfinished", "tru", "NaN"})
    EXPECT_EQ(json_form(text), JsonForm::malformed) << text;
}

TEST(JsonAnswer, DeepNestingIsRefusedNotFollowed) {
  EXPECT_EQ(json_form(std::string(1'000'000, '[')), JsonForm::malformed);
  EXPECT_EQ(json_form(std::string(100, '[') + std::string(100, ']')), JsonForm::whole);
}

}  // namespace
}  // namespace tidewatch
