#include "stream/runtime/output_batch.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tidewatch/v1/dead_letter.pb.h"

namespace tidewatch {
namespace {

Record record() {
  Record out;
  out.topic = "llm.feedback";
  out.partition = 2;
  out.offset = 991;
  return out;
}

v1::DeadLetter letter_of(const OutputBatch& batch) {
  v1::DeadLetter out;
  EXPECT_EQ(batch.outputs().size(), 1U);
  const std::string& json = batch.outputs().front().value;
  EXPECT_TRUE(simdjson::validate_utf8(json.data(), json.size())) << json;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &out).ok()) << json;
  return out;
}

TEST(OutputBatch, ADeadLetterSaysWhereWhyAndCarriesTheBytesUpToTheLimit) {
  OutputBatch batch("observe", 5, WireFormat::json);
  batch.dead_letter(record(), {"bad_thumb", "thumb \"sideways\" must be up or down"},
                    std::string_view("\xff\x00 1234567", 10));
  const auto letter = letter_of(batch);
  EXPECT_EQ(batch.outputs().front().stream, Stream::dead_letter);
  EXPECT_EQ(batch.outputs().front().key, "llm.feedback/2/991");
  EXPECT_EQ(letter.topic(), "llm.feedback");
  EXPECT_EQ(letter.partition(), 2);
  EXPECT_EQ(letter.offset(), 991);
  EXPECT_EQ(letter.stage(), "observe");
  EXPECT_EQ(letter.reason(), "bad_thumb");
  EXPECT_EQ(letter.message(), "thumb \"sideways\" must be up or down");
  EXPECT_EQ(letter.payload(), std::string("\xff\x00 12", 5));
  EXPECT_EQ(letter.payload_size(), 10U);
  EXPECT_EQ(batch.counts().at({"dead_letters", "bad_thumb"}), 1U);
}

TEST(OutputBatch, ADeadLetterIsReadableWhenItsSentenceQuotesHalfACharacter) {
  OutputBatch batch("observe", 100, WireFormat::json);
  batch.dead_letter(record(), {"bad_thumb", "thumb \"\xf0\x9f\x91\" must be up or down"}, "x");
  EXPECT_EQ(letter_of(batch).message(), "thumb \"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\" must be up or down");
}

}  // namespace
}  // namespace tidewatch
