#include "stream/window/measure_reference.h"

#include <gmock/gmock.h>

#include "stream/window/measures.h"
#include "tests/generated_part.h"

namespace tidewatch {
namespace {

TEST(MeasureReference, OfTheRepositoryIsTheGeneratedOne) {
  expect_generated_part("measures.md", "measures", measure_reference());
}

TEST(MeasureReference, HasEveryMeasureOnce) {
  const std::string reference = measure_reference();
  const MeasureCatalog catalog;
  for (MeasureId id = 0; id < catalog.size(); ++id) {
    const std::string row = "| `" + catalog.info(id).name + "` |";
    const size_t at = reference.find(row);
    ASSERT_NE(at, std::string::npos) << row;
    EXPECT_EQ(reference.find(row, at + 1), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace tidewatch
