#include "stream/alert/command_reader.h"

#include <gmock/gmock.h>

#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;

constexpr Timestamp kAppended = Timestamp(std::chrono::seconds(1'800'000'000));

Result<v1::Command> read(std::string_view value, Timestamp appended = kAppended) {
  Record record;
  record.stream = Stream::commands;
  record.topic = "tidewatch.commands";
  record.partition = 2;
  record.offset = 17;
  record.append_time = appended;
  record.value = value;
  return read_command(record);
}

TEST(CommandReader, ReadsJsonAndProtobuf) {
  const auto command =
      read(R"({"id":"c1","at":"2027-01-15T07:00:00Z","by":"ada","comment":"mine","acknowledge":{"alert_id":"a1"}})");
  ASSERT_TRUE(command.ok()) << command.error().message;
  EXPECT_EQ(command->id(), "c1");
  EXPECT_EQ(command->by(), "ada");
  EXPECT_EQ(command->acknowledge().alert_id(), "a1");
  EXPECT_EQ(rfc3339(from_proto(command->at())), "2027-01-15T07:00:00Z");
  const auto again = read(command->SerializeAsString());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->SerializeAsString(), command->SerializeAsString());
}

TEST(CommandReader, FillsInWhatTheRecordKnows) {
  const auto command = read(R"({"unacknowledge":{"incident_id":"i1"}})");
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->id(), "tidewatch.commands/2/17");
  EXPECT_EQ(from_proto(command->at()), kAppended);
}

TEST(CommandReader, NothingIsCommandedInTheFuture) {
  const auto command = read(R"({"at":"2099-01-01T00:00:00Z","acknowledge":{"alert_id":"a1"}})");
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(from_proto(command->at()), kAppended);
}

TEST(CommandReader, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"acknowledge":{}})", "either alert_id or incident_id"},
      {R"({"acknowledge":{"alert_id":"a","incident_id":"b"}})", "either alert_id or incident_id"},
      {R"({"silence":{"matchers":[{"name":"service","value":"shop"}]}})", "needs an end"},
      {R"({"silence":{"until":"2099-01-01T00:00:00Z"}})", "needs a matcher"},
      {R"({"silence":{"matchers":[{"name":"a","value":"b"}],"until":"2020-01-01T00:00:00Z"}})", "before it begins"},
      {R"({"silence":{"matchers":[{"name":"a","op":"=~","value":"("}],"until":"2099-01-01T00:00:00Z"}})",
       "no regular expression"},
      {R"({"expire_silence":{}})", "silence_id"},
      {R"({"mark":{"alert_ids":["a"],"verdict":"wrong"}})", "write false, true or none"},
      {R"({"mark":{"verdict":"false"}})", "alert_ids"},
      {R"({"expect":{"matchers":[{"name":"service","value":"shop"}]}})", "needs an end"},
      {R"({"expect":{"until":"2020-01-01T00:00:00Z"}})", "before it begins"},
      {R"({"unexpect":{}})", "event_id"},
      {R"({"id":"c"})", "says nothing"},
      {R"({"acknowlege":{"alert_id":"a1"}})", "acknowlege"},
      {R"({"acknowledge":)", "no JSON of the schema"},
      {"\xff\xff\xff", "neither JSON nor"},
  };
  for (const auto& [text, said] : wrong) {
    const auto command = read(text);
    ASSERT_FALSE(command.ok()) << text;
    EXPECT_THAT(command.error().message, HasSubstr(said)) << text;
  }
  EXPECT_FALSE(read(R"({"acknowledge":{"alert_id":"a1"}})", kMinTimestamp).ok()) << "it has no time";
}

}  // namespace
}  // namespace tidewatch
