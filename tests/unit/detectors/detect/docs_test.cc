#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "detectors/detect/registry.h"

namespace tidewatch {
namespace {

std::string end_of_range(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

/// The parameter table of docs/detectors/<name>.md.
std::string table_of(const DetectorInfo& info) {
  std::string out = "| parameter | default | range | unit | meaning |\n|---|---|---|---|---|\n";
  for (const ParamInfo& param : info.params) {
    const bool is_bounded = std::isfinite(param.allowed.low) || std::isfinite(param.allowed.high);
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", param.name,
                       param.default_value.empty() ? "not set" : param.default_value,
                       is_bounded ? end_of_range(param.allowed.low) + " to " + end_of_range(param.allowed.high) : "any",
                       param.unit, param.help);
  }
  return out;
}

TEST(DetectorDocs, EveryDetectorHasAPageOfTheSameShapeWithItsParameters) {
  for (const DetectorInfo& info : describe_detectors()) {
    const std::string path = std::string(TIDEWATCH_SOURCE_DIR "/docs/detectors/") + info.name + ".md";
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str().rfind("# " + info.name + ": " + info.help + "\n", 0), 0U) << path;
    size_t at = 0;
    for (const std::string_view heading :
         {"## What it sees", "## When to use it", "## Null model", "## Cost", "## Source", "## Parameters"}) {
      at = text.str().find(heading, at);
      ASSERT_NE(at, std::string::npos) << path << ": " << heading;
    }
    EXPECT_NE(text.str().find(table_of(info)), std::string::npos) << path << " should hold\n" << table_of(info);
  }
}

}  // namespace
}  // namespace tidewatch
