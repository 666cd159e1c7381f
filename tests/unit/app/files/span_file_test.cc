#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/files/span_file_reader.h"
#include "app/files/span_file_writer.h"

namespace tidewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

/// What a reader gives until its end.
struct Everything {
  std::vector<std::string> payloads;
  std::vector<std::string> positions;
  std::vector<Error> errors;
};

class SpanFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("tidewatch-files-" + std::to_string(getpid()) + "-" +
                                                  ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }
  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  std::string pack(const std::string& name, const std::vector<std::string>& payloads) const {
    auto writer = SpanFileWriter::open(path(name));
    for (const auto& payload : payloads) EXPECT_TRUE(writer->write(payload).ok());
    EXPECT_TRUE(writer->close().ok());
    return path(name);
  }
  static std::string content(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  static Everything read(const std::string& file, FileFraming framing = FileFraming::recognise) {
    Everything out;
    auto reader = SpanFileReader::open(file, framing);
    if (!reader) {
      out.errors.push_back(reader.error());
      return out;
    }
    for (;;) {
      auto record = reader->next();
      if (!record) {
        out.errors.push_back(record.error());
        continue;
      }
      if (!record->has_value()) return out;
      out.positions.push_back(reader->position(**record));
      out.payloads.push_back(std::move((*record)->payload));
    }
  }

 private:
  std::filesystem::path folder_;
};

const std::vector<std::string> kMessages = {R"({"a":1})", std::string(300, 'x') + "{", R"({"b":"}"})"};

TEST_F(SpanFile, WhatIsWrittenIsReadInEveryFormatAndCompression) {
  for (const char* name : {"a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.binpb", "a.binpb.gz", "a.binpb.zst"}) {
    const auto all = read(pack(name, kMessages));
    EXPECT_TRUE(all.errors.empty()) << name << ": " << all.errors.front().message;
    EXPECT_EQ(all.payloads, kMessages) << name;
  }
}

TEST_F(SpanFile, ManyMessagesPassThroughABufferSmallerThanTheFile) {
  std::vector<std::string> payloads;
  for (int i = 0; i < 4000; ++i) {
    payloads.push_back("{\"n\":" + std::to_string(i) + ",\"t\":\"" + std::string(static_cast<size_t>(i) % 997, 'y') +
                       "\"}");
  }
  for (const char* name : {"m.jsonl", "m.jsonl.gz", "m.binpb.zst"}) {
    const auto all = read(pack(name, payloads));
    EXPECT_EQ(all.payloads, payloads) << name;
    EXPECT_TRUE(all.errors.empty());
  }
}

TEST_F(SpanFile, TellsHowFarItIsInTheFileAsItLiesOnDisk) {
  const std::string line = R"({"resourceSpans":[],"padding":")" + std::string(900'000, 'x') + "\"}";
  for (const char* name : {"far.jsonl", "far.jsonl.gz", "far.jsonl.zst"}) {
    const auto file = pack(name, {line, line, line});
    auto reader = SpanFileReader::open(file);
    ASSERT_TRUE(reader.ok()) << name;
    const FileShare before = reader->share_read();
    while (auto record = *reader->next()) {
    }
    EXPECT_EQ(before.total, std::filesystem::file_size(file)) << name;
    EXPECT_EQ(reader->share_read().value(), 1.0) << name;
    EXPECT_LT(before.value(), std::string_view(name) == "far.jsonl" ? 0.2 : 1.1)
        << name;  // small archives are read at once
  }
}

TEST_F(SpanFile, ConcatenatedArchivesAreOneFile) {
  for (const std::string extension : {".gz", ".zst"}) {
    const auto one = content(pack("one.jsonl" + extension, {"{}"}));
    const auto two = content(pack("two.jsonl" + extension, {"[]"}));
    EXPECT_THAT(read(write("both.jsonl" + extension, one + two)).payloads, ElementsAre("{}", "[]"));
  }
}

TEST_F(SpanFile, LinesAreNumberedAndBlankOnesCarriageReturnsAndMarksDoNotCount) {
  const auto all = read(write("a.jsonl", "\xef\xbb\xbf{\"a\":1}\r\n\n  \n{\"b\":2}"));
  EXPECT_THAT(all.payloads, ElementsAre(R"({"a":1})", R"({"b":2})"));
  EXPECT_THAT(all.positions, ElementsAre(EndsWith("a.jsonl:1"), EndsWith("a.jsonl:4")));
}

TEST_F(SpanFile, ALineThatIsNoJsonIsARecordLikeItsNeighbours) {
  // Judging the content is the decoder's; a torn line must not swallow the lines after it.
  EXPECT_THAT(read(write("a.jsonl", "{\"resourceSpans\":[{\n{\"b\":2}\n{\"c\":3}\n")).payloads,
              ElementsAre("{\"resourceSpans\":[{", R"({"b":2})", R"({"c":3})"));
}

TEST_F(SpanFile, ADocumentOverManyLinesIsOneRecord) {
  const std::string document = "{\n \"a\": [\n  {\"text\": \"} \\\" ]\"}\n ]\n}";
  const auto all = read(write("a.json", document + "\n\n" + document + "\n"));
  EXPECT_THAT(all.payloads, ElementsAre(document, document));
  EXPECT_THAT(all.positions, ElementsAre(EndsWith(":1"), EndsWith(":7")));
}

TEST_F(SpanFile, ADocumentThatDoesNotEndIsAnErrorAtItsFirstLine) {
  const auto all = read(write("a.json", "{\n \"a\": 1\n}\n{\n \"b\": ["));
  EXPECT_THAT(all.payloads, ElementsAre("{\n \"a\": 1\n}"));
  ASSERT_EQ(all.errors.size(), 1U);
  EXPECT_EQ(all.errors[0].code, "truncated");
  EXPECT_THAT(all.errors[0].message, HasSubstr("a.json:4:"));
}

TEST_F(SpanFile, LinesModeNeverJoinsLines) {
  EXPECT_THAT(read(write("a.json", "{\n}\n"), FileFraming::lines).payloads, ElementsAre("{", "}"));
}

TEST_F(SpanFile, OneUndelimitedMessageComesFieldByField) {
  // Two fields 1 of 20 and 200 bytes: each with its tag is a message of its own.
  const std::string first = std::string("\x0a\x14", 2) + std::string(20, 'a');
  const std::string second = std::string("\x0a\xc8\x01", 3) + std::string(200, 'b');
  const auto all = read(write("a.binpb", first + second));
  EXPECT_THAT(all.payloads, ElementsAre(first, second));
  EXPECT_THAT(all.positions, ElementsAre(EndsWith("a.binpb:byte 0"), EndsWith("a.binpb:byte 22")));
}

TEST_F(SpanFile, AnUndelimitedMessageWithAnotherFieldIsAnErrorAtItsByte) {
  const std::string first = std::string("\x0a\x14", 2) + std::string(20, 'a');
  const auto all = read(write("a.binpb", first + "garbage"));
  EXPECT_THAT(all.payloads, ElementsAre(first));
  ASSERT_EQ(all.errors.size(), 1U);
  EXPECT_EQ(all.errors[0].code, "bad_framing");
  EXPECT_THAT(all.errors[0].message, HasSubstr("a.binpb:byte 22:"));
}

TEST_F(SpanFile, ATruncatedMessageIsAnErrorAtItsByteAndEarlierOnesAreKept) {
  const auto whole = content(pack("a.binpb", kMessages));
  const auto all = read(write("b.binpb", whole.substr(0, whole.size() - 3)));
  EXPECT_THAT(all.payloads, ElementsAre(kMessages[0], kMessages[1]));
  ASSERT_EQ(all.errors.size(), 1U);
  EXPECT_EQ(all.errors[0].code, "truncated");
  EXPECT_THAT(all.errors[0].message, HasSubstr("b.binpb:byte 311:"));
  EXPECT_THAT(all.errors[0].message, HasSubstr("3 bytes early"));
}

TEST_F(SpanFile, ATruncatedArchiveIsAnErrorAndEarlierRecordsAreKept) {
  std::vector<std::string> payloads;
  uint32_t noise = 1;
  for (int i = 0; i < 20'000; ++i) {
    noise = noise * 1664525 + 1013904223;
    payloads.push_back("{\"n\":" + std::to_string(noise) + "}");
  }
  for (const std::string name : {"a.jsonl.gz", "a.jsonl.zst", "a.binpb.gz", "a.binpb.zst"}) {
    const auto whole = content(pack(name, payloads));
    const auto all = read(write("cut-" + name, std::string_view(whole).substr(0, whole.size() * 3 / 4)));
    ASSERT_EQ(all.errors.size(), 1U) << name;
    EXPECT_EQ(all.errors[0].code, "truncated") << name;
    EXPECT_GT(all.payloads.size(), 5000U) << name;
    ASSERT_LT(all.payloads.size(), payloads.size()) << name;
    EXPECT_TRUE(std::equal(all.payloads.begin(), all.payloads.end(), payloads.begin())) << name;
  }
}

TEST_F(SpanFile, ACorruptArchiveIsAnError) {
  std::vector<std::string> payloads;
  for (uint64_t i = 0; i < 20'000; ++i) payloads.push_back("{\"n\":" + std::to_string(i * i * 2654435761U) + "}");
  for (const std::string name : {"a.jsonl.gz", "a.jsonl.zst"}) {
    auto whole = content(pack(name, payloads));
    for (size_t i = whole.size() / 2; i < whole.size() / 2 + 64; ++i) whole[i] = static_cast<char>(~whole[i]);
    const auto all = read(write("bad-" + name, whole));
    ASSERT_EQ(all.errors.size(), 1U) << name;
    EXPECT_EQ(all.errors[0].code, "bad_archive") << name << ": " << all.errors[0].message;
  }
}

TEST_F(SpanFile, ALineThatIsTooLongIsAnErrorAndTheNextLineIsRead) {
  const auto file =
      write("a.jsonl", "{\"a\":1}\n\"" + std::string(SpanFileReader::kMaxRecordBytes, 'z') + "\"\n{\"b\":2}\n");
  const auto all = read(file);
  EXPECT_THAT(all.payloads, ElementsAre(R"({"a":1})", R"({"b":2})"));
  EXPECT_THAT(all.positions, ElementsAre(EndsWith(":1"), EndsWith(":3")));
  ASSERT_EQ(all.errors.size(), 1U);
  EXPECT_EQ(all.errors[0].code, "too_long");
  EXPECT_THAT(all.errors[0].message, HasSubstr("a.jsonl:2:"));
}

TEST_F(SpanFile, AnAbsurdMessageLengthEndsTheFile) {
  const auto all = read(write("a.binpb", "\xff\xff\xff\xff\x7f rest"));
  EXPECT_TRUE(all.payloads.empty());
  ASSERT_EQ(all.errors.size(), 1U);
  EXPECT_EQ(all.errors[0].code, "too_long");
  EXPECT_EQ(read(write("b.binpb", std::string(20, '\xff'))).errors.at(0).code, "bad_framing");
}

TEST_F(SpanFile, FilesThatCannotBeReadAreNamed) {
  EXPECT_EQ(read(path("none.jsonl")).errors.at(0).code, "open_failed");
  const auto folder = SpanFileReader::open(testing::TempDir());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message, testing::TempDir() + ": Is a directory");
  EXPECT_EQ(read(write("a.jsonl.gz", "{}\n")).errors.at(0).code, "bad_archive");
  EXPECT_EQ(read(write("a.jsonl.zst", "")).errors.at(0).code, "bad_archive");
  EXPECT_EQ(SpanFileWriter::open(path("no-folder/a.jsonl")).error().code, "open_failed");
}

TEST_F(SpanFile, AnEmptyFileHasNoRecords) {
  for (const char* name : {"a.jsonl", "a.binpb", "a.json", "unknown"}) {
    const auto all = read(write(name, ""));
    EXPECT_TRUE(all.payloads.empty() && all.errors.empty()) << name;
  }
}

TEST_F(SpanFile, AnUnknownExtensionIsRecognisedByContent) {
  EXPECT_THAT(read(write("spans", "{\"a\":1}\n{}\n")).payloads, ElementsAre(R"({"a":1})", "{}"));
  EXPECT_EQ(read(write("spans2", content(pack("x.binpb", kMessages)))).payloads, kMessages);
  EXPECT_EQ(read(write("spans3", content(pack("x.jsonl.zst", {"{}"})))).payloads, std::vector<std::string>{"{}"});
}

TEST_F(SpanFile, ARecordOfSeveralLinesIsRefusedByALinesWriter) {
  auto writer = SpanFileWriter::open(path("a.jsonl"));
  EXPECT_EQ(writer->write("{\n}").error().code, "bad_record");
}

}  // namespace
}  // namespace tidewatch
