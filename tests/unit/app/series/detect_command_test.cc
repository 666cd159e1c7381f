#include "app/detect_command.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "detectors/detect/registry.h"
#include "unit/app/command_run.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using app_test::Outcome;
using app_test::written;

Outcome run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "detect");
  return app_test::run_command(std::move(arguments));
}

std::string content_of(const std::string& path) {
  std::stringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

constexpr int kRows = 2000;
constexpr int kSpike = 1500;

/// Five-minute values of a quiet day and night with one spike; `columns` of them, the spike in the last.
std::string series(int columns = 1, int rows = kRows) {
  std::string out = columns == 1 ? "timestamp,value\n" : "";
  uint64_t noise = 1;
  for (int i = 0; i < rows; ++i) {
    out += std::to_string(1'767'225'600 + 300 * i);
    for (int c = 0; c < columns; ++c) {
      noise = noise * 6364136223846793005U + 1442695040888963407U;
      const double draw = static_cast<double>(noise >> 40) / static_cast<double>(1 << 24);
      double value = 100 + 20 * std::sin(i * 2 * M_PI / 288) + 5 * draw;
      if (i == kSpike && c + 1 == columns) value += 200;
      out += fmt::format(",{:.3f}", value);
    }
    out += "\n";
  }
  return out;
}

struct Line {
  std::string timestamp;
  double score = 0;
  double surprise = 0;
};

std::vector<Line> lines_of(const std::string& csv) {
  std::istringstream in(csv);
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "timestamp,anomaly_score,surprise,expected,effect");
  std::vector<Line> out;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string score;
    std::string surprise;
    Line one;
    std::getline(fields, one.timestamp, ',');
    std::getline(fields, score, ',');
    std::getline(fields, surprise, ',');
    one.score = std::stod(score);
    one.surprise = std::stod(surprise);
    out.push_back(one);
  }
  return out;
}

size_t highest(const std::vector<Line>& lines) {
  return static_cast<size_t>(
      std::max_element(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.score < b.score; }) -
      lines.begin());
}

TEST(DetectCommand, RunsEveryDetectorOfTheRegistry) {
  const auto input = written("series.csv", series());
  for (const DetectorInfo& info : describe_detectors()) {
    const Outcome outcome = run({"--detector", info.name, "--input", input});
    EXPECT_EQ(outcome.exit, Exit::ok) << info.name << outcome.err;
    const auto lines = lines_of(outcome.out);
    ASSERT_THAT(lines, SizeIs(kRows)) << info.name;
    EXPECT_EQ(lines[0].timestamp, "1767225600");
    for (const Line& line : lines) {
      ASSERT_GE(line.score, 0);
      ASSERT_LE(line.score, 1);
    }
  }
}

TEST(DetectCommand, WithoutADetectorFindsASpike) {
  const Outcome outcome = run({"--input", written("series.csv", series())});
  const auto lines = lines_of(outcome.out);
  EXPECT_EQ(highest(lines), kSpike);
  EXPECT_GT(lines[kSpike].score, 0.5);
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(DetectCommand, IsCausal) {
  const auto whole = lines_of(run({"--input", written("series.csv", series())}).out);
  const auto part = lines_of(run({"--input", written("part.csv", series(1, kSpike + 1))}).out);
  ASSERT_THAT(part, SizeIs(kSpike + 1));
  for (size_t i = 0; i < part.size(); ++i) {
    ASSERT_EQ(part[i].score, whole[i].score) << i;
    ASSERT_EQ(part[i].surprise, whole[i].surprise) << i;
  }
}

TEST(DetectCommand, SeesTheSpikeOfAnyColumn) {
  const auto input = written("wide.csv", series(3));
  for (const char* detector : {"point", "multivariate"})
    EXPECT_EQ(highest(lines_of(run({"--detector", detector, "--input", input}).out)), kSpike) << detector;
  const auto alone = lines_of(run({"--detector", "point", "--input", written("series.csv", series())}).out);
  const auto up = lines_of(run({"--detector", "point", "--direction", "down", "--input", input}).out);
  EXPECT_LT(up[kSpike].surprise, 1);
  EXPECT_GT(alone[kSpike].surprise, 20);
}

TEST(DetectCommand, TakesParameters) {
  const auto input = written("series.csv", series());
  const Outcome outcome = run({"--detector", "threshold", "--set", "above=150", "--input", input});
  const auto lines = lines_of(outcome.out);
  EXPECT_EQ(highest(lines), kSpike);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const Line& line) { return line.score >= 0.5; }), 1);
  EXPECT_THAT(run({"--detector", "threshold", "--input", input}).err, HasSubstr("every score is 0"));
}

TEST(DetectCommand, KeepsARowForAMissingValueAndLeavesOutBadOnes) {
  const auto input =
      written("holes.csv", "time,v\n2026-01-01 00:00:00,1\n2026-01-01 00:05:00,\nx,1\n\"2026-01-01T00:10:00Z\",2\n");
  const Outcome outcome = run({"--input", input});
  EXPECT_EQ(outcome.exit, Exit::ok);
  const auto lines = lines_of(outcome.out);
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[2].timestamp, "2026-01-01T00:10:00Z");
  EXPECT_THAT(outcome.err, HasSubstr("holes.csv:4: \"x\" is no time"));
  EXPECT_THAT(outcome.err, HasSubstr("1 of 4 rows could not be read"));
}

TEST(DetectCommand, WritesAFileOnlyWhenThereIsSomethingToWrite) {
  const auto output = written("out.csv", "precious\n");
  const Outcome none = run({"--input", written("empty.csv", "no,rows\n"), "--output", output});
  EXPECT_EQ(none.exit, Exit::bad_data);
  EXPECT_THAT(none.err, HasSubstr("no row can be read"));
  EXPECT_EQ(content_of(output), "precious\n");
  EXPECT_EQ(run({"--input", written("one.csv", "1,1\n"), "--output", output}).exit, Exit::ok);
  EXPECT_EQ(content_of(output), "timestamp,anomaly_score,surprise,expected,effect\n1,0,0,,\n");
}

TEST(DetectCommand, NamesTheNearestRightNameAndExitsWith64) {
  const auto input = written("one.csv", "1,1\n");
  const auto expect_usage = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.end(), {"--input", input});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit, Exit::usage) << message;
    EXPECT_THAT(outcome.err, StartsWith("tidewatch: " + message));
    EXPECT_THAT(outcome.out, IsEmpty());
  };
  expect_usage({"--detector", "poimt"}, "--detector poimt: unknown detector; did you mean \"point\"? (there are ");
  expect_usage({"--detector", "point", "--set", "halflife=3"},
               "--set halflife: unknown key; did you mean \"half_life\"?");
  expect_usage({"--detector", "point", "--set", "half_life=3"}, "--set half_life: 3 is outside [8, 1000000]");
  expect_usage({"--detector", "point", "--set", "half_life=often"}, "--set half_life: ");
  expect_usage({"--set", "half_life"}, "--set half_life: write NAME=VALUE");
  expect_usage({"--interval", "5"}, "--interval: ");
  expect_usage({"--time-zone", "Mars/Base"}, "--time-zone: \"Mars/Base\" is not a time zone");
  const Outcome missing = run({"--input", "/nonexistent.csv"});
  EXPECT_EQ(missing.exit, Exit::bad_data);
  EXPECT_THAT(missing.err, HasSubstr("/nonexistent.csv: No such file or directory"));
}

}  // namespace
}  // namespace tidewatch
