#include "stream/evaluate/validators/reference.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace tidewatch {
namespace {

constexpr std::string_view kBegin = "<!-- generated: validators -->\n";
constexpr std::string_view kEnd = "<!-- end -->\n";

std::string read_page(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(ValidatorReference, OfTheRepositoryIsTheGeneratedOne) {
  const std::string path = std::string(TIDEWATCH_SOURCE_DIR) + "/docs/validators.md";
  const std::string page = read_page(path);
  const size_t begin = page.find(kBegin);
  const size_t end = page.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const size_t from = begin + kBegin.size();
  const std::string generated = validator_reference();

  if (std::getenv("TIDEWATCH_UPDATE_GOLDEN") != nullptr)
    std::ofstream(path, std::ios::binary) << page.substr(0, from) << generated << page.substr(end);

  EXPECT_TRUE(page.substr(from, end - from) == generated)
      << "docs/validators.md is not what the library generates; run this test with TIDEWATCH_UPDATE_GOLDEN=1";
}

TEST(ValidatorReference, SaysNameDefaultRangeAndMeaning) {
  EXPECT_THAT(validator_reference(),
              ::testing::HasSubstr("### numbers\nThe numbers of the answer are in what was retrieved.\n\n"
                                   "| parameter | value | default | meaning |\n|---|---|---|---|\n"
                                   "| `ignore_up_to` | integer, 0 to 1000 | `1` | "));
}

}  // namespace
}  // namespace tidewatch
