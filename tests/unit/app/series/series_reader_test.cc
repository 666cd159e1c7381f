#include "app/series/series_reader.h"

#include <gmock/gmock.h>

#include <cmath>

#include "unit/app/command_run.h"

namespace tidewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct All {
  std::vector<SeriesRow> rows;
  std::vector<std::string> told;
  std::string code;  ///< of the error at the end
};

All read_all(const std::string& content) {
  auto reader = SeriesReader::open(app_test::written("series.csv", content));
  All out;
  std::vector<SeriesComplaint> told;
  for (;;) {
    auto row = reader->next(told);
    if (!row) out.code = row.error().code;
    if (!row || !row->has_value()) break;
    out.rows.push_back(std::move(**row));
  }
  for (const auto& one : told) out.told.push_back(one.message);
  return out;
}

TEST(SeriesReader, TakesAHeaderOrNone) {
  for (const char* text : {"timestamp,value\n2026-01-01 00:00:00,5\n", "2026-01-01 00:00:00,5\n"}) {
    const All all = read_all(text);
    ASSERT_THAT(all.rows, SizeIs(1)) << text;
    EXPECT_THAT(all.told, IsEmpty());
    EXPECT_EQ(all.rows[0].time_text, "2026-01-01 00:00:00");
    EXPECT_THAT(all.rows[0].values, ElementsAre(5.0));
  }
}

TEST(SeriesReader, ReadsQuotedFieldsByteOrderMarksAndCarriageReturns) {
  const All all =
      read_all("\xEF\xBB\xBF\"time\",\"a \"\"b\"\"\nc\",d\r\n\"2026-01-01 00:00:00\",\"1.5\", 2\r\n\r\n1767225900,3,4");
  EXPECT_THAT(all.told, IsEmpty());
  ASSERT_THAT(all.rows, SizeIs(2));
  EXPECT_THAT(all.rows[0].values, ElementsAre(1.5, 2.0));
  EXPECT_EQ(all.rows[1].time - all.rows[0].time, std::chrono::minutes(5));
}

TEST(SeriesReader, TakesNothingForMissing) {
  const All all = read_all("1,\n2,NaN\n3,null\n4,\"\"\n");
  ASSERT_THAT(all.rows, SizeIs(4));
  for (const auto& row : all.rows) EXPECT_TRUE(std::isnan(row.values[0]));
}

TEST(SeriesReader, TellsWhereABadRowIsAndKeepsItsNeighbours) {
  const All all = read_all("t,v\n1,1\nyesterday,2\n3,many\n4\n5,5,5\n\n\"6\",\"6\n\"\n7,inf\n8,8\n");
  ASSERT_THAT(all.rows, SizeIs(3));
  EXPECT_THAT(all.rows[2].values, ElementsAre(8.0));
  const auto starts = [](int line) { return HasSubstr("series.csv:" + std::to_string(line) + ": "); };
  EXPECT_THAT(all.told, ElementsAre(starts(3), starts(4), starts(5), starts(6), starts(10)));
  EXPECT_THAT(all.told[0], HasSubstr("\"yesterday\" is no time"));
  EXPECT_THAT(all.told[1], HasSubstr("\"many\" is no number"));
  EXPECT_THAT(all.told[3], EndsWith("3 columns, where rows before it have 2"));
}

TEST(SeriesReader, DoesNotTakeABadFirstRowForAHeader) {
  const All all = read_all("01.03.2026,5\n2,6\n");
  EXPECT_THAT(all.told, SizeIs(1));
  EXPECT_THAT(all.rows, SizeIs(1));
}

TEST(SeriesReader, StopsAtAQuoteThatIsNeverClosed) {
  const All all = read_all("1,1\n2,\"2\n" + std::string(3 << 20, 'x'));
  EXPECT_THAT(all.rows, SizeIs(1));
  EXPECT_EQ(all.code, "too_long");
}

TEST(SeriesReader, ControlCharactersOfTheFileDoNotReachTheTerminal) {
  const All all = read_all("1,1\n2,\x1b[2J\n");
  ASSERT_THAT(all.told, SizeIs(1));
  EXPECT_THAT(all.told[0], HasSubstr("\"?[2J\""));
}

TEST(CsvField, IsQuotedWhereItHasToBe) {
  EXPECT_EQ(csv_field("2026-01-01 00:00:00"), "2026-01-01 00:00:00");
  EXPECT_EQ(csv_field("a,\"b\""), "\"a,\"\"b\"\"\"");
}

}  // namespace
}  // namespace tidewatch
