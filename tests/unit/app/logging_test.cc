#include "app/logging.h"

#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;

/// What parsing a text that is not UTF-8 writes on the error output, line by line; it says so once each time.
std::vector<std::string> lines_of_bad_texts(int times) {
  constexpr char kBytes[] = "\xff\xfe";
  v1::TextSignals signals;
  signals.set_output_language(kBytes);
  testing::internal::CaptureStderr();
  for (int i = 0; i < times; ++i) signals.SerializeAsString();
  std::istringstream captured(testing::internal::GetCapturedStderr());
  std::vector<std::string> lines;
  for (std::string line; std::getline(captured, line);) lines.push_back(line);
  return lines;
}

TEST(Logging, WhatProtobufSaysIsALineOfTheLogLikeAnyOther) {
  set_up_logging({.level = LogLevel::info, .format = LogFormat::json});
  const auto lines = lines_of_bad_texts(9);
  ASSERT_EQ(lines.size(), 4U) << testing::PrintToString(lines);  // the 1st, 2nd, 4th and 8th time
  for (const auto& line : lines) {
    const auto parsed = nlohmann::json::parse(line);
    EXPECT_EQ(parsed["level"], "error");
    EXPECT_THAT(parsed["message"].get<std::string>(), HasSubstr("output_language"));
    EXPECT_THAT(line, ::testing::Not(HasSubstr("\xff")));
  }
  EXPECT_THAT(lines.back(), HasSubstr("(8 times)"));
}

}  // namespace
}  // namespace tidewatch
