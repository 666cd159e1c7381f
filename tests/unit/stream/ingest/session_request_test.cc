#include "stream/ingest/session_request.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tidewatch {
namespace {

v1::SpanFacts span(const std::string& id, const std::string& parent, int64_t start,
                   const std::vector<std::pair<std::string, std::string>>& labels) {
  v1::SpanFacts out;
  out.set_span_id(id);
  out.set_parent_span_id(parent);
  out.set_start_unix_nano(start);
  out.set_end_unix_nano(start + 10);
  for (const auto& [name, value] : labels) {
    auto& label = *out.add_labels();
    label.set_name(name);
    label.set_value(value);
  }
  return out;
}

std::string value_of(const v1::SessionRequest& request, const std::string& name) {
  for (const auto& label : request.labels())
    if (label.name() == name) return label.value();
  return "";
}

TEST(SessionRequest, OfSpansThatNameNoSessionIsNone) {
  v1::Fragment fragment;
  *fragment.add_spans() = span("a", "", 1, {{"service", "shop"}});
  EXPECT_FALSE(session_request(fragment));
  *fragment.add_spans() = span("b", "a", 1, {{"session", "s"}});
  fragment.mutable_spans(1)->set_from_log(true);
  EXPECT_FALSE(session_request(fragment));
}

TEST(SessionRequest, IsTheSameWhateverIsInWhichMessage) {
  auto first = span("m1", "r", 5, {{"session", "s"}, {"service", "agent"}, {"retrieval", "late"}});
  first.set_operation(v1::OPERATION_LLM);
  first.set_request_model("answers");
  first.mutable_signals()->set_output_chars(9);
  auto second = span("m2", "r", 6, {{"session", "s"}, {"service", "agent"}});
  second.set_operation(v1::OPERATION_LLM);
  second.set_response_model("helps");
  std::vector<v1::SpanFacts> spans = {
      first, second, span("x", "r", 3, {{"session", "s"}, {"retrieval", "early"}, {"service", "cart"}}),
      span("r", "", 4, {{"session", "s"}, {"service", "shop"}, {"endpoint", "/chat"}})};
  std::mt19937_64 random(11);
  for (int i = 0; i < 100; ++i) {
    std::shuffle(spans.begin(), spans.end(), random);
    v1::SessionRequest merged;
    for (size_t at = 0; at < spans.size();) {
      v1::Fragment fragment;
      for (size_t n = 1 + random() % 4; n > 0 && at < spans.size(); --n) *fragment.add_spans() = spans[at++];
      const auto said = session_request(fragment);
      ASSERT_TRUE(said);
      EXPECT_EQ(said->session, "s");
      if (merged.end_unix_nano() == 0) merged = said->request;
      merge(merged, said->request);
      merge(merged, said->request);  // sent again
    }
    EXPECT_EQ(merged.start_unix_nano(), 3);
    EXPECT_EQ(merged.end_unix_nano(), 16);
    EXPECT_TRUE(merged.is_genai());
    EXPECT_EQ(merged.model(), "answers") << "the later one gave no answer";
    EXPECT_EQ(value_of(merged, "service"), "shop");
    EXPECT_EQ(value_of(merged, "endpoint"), "/chat");
    EXPECT_EQ(value_of(merged, "retrieval"), "early");
  }
}

}  // namespace
}  // namespace tidewatch
