#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace tidewatch {

/// Expects the part of a page of docs/ between `<!-- generated: NAME -->` and `<!-- end -->` to be `generated`; with
/// TIDEWATCH_UPDATE_GOLDEN set it writes it there.
inline void expect_generated_part(const std::string& page, const std::string& name, const std::string& generated) {
  const std::string path = std::string(TIDEWATCH_SOURCE_DIR) + "/docs/" + page;
  std::stringstream read;
  read << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string text = read.str();
  const std::string mark = "<!-- generated: " + name + " -->\n";
  const size_t begin = text.find(mark);
  ASSERT_NE(begin, std::string::npos) << path;
  const size_t from = begin + mark.size();
  const size_t end = text.find("<!-- end -->\n", from);
  ASSERT_NE(end, std::string::npos) << path;
  if (std::getenv("TIDEWATCH_UPDATE_GOLDEN") != nullptr)
    std::ofstream(path, std::ios::binary) << text.substr(0, from) << generated << text.substr(end);
  EXPECT_TRUE(text.substr(from, end - from) == generated)
      << path << " is not what the library generates; run this test with TIDEWATCH_UPDATE_GOLDEN=1";
}

}  // namespace tidewatch
