#include "app/series/series_reader.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/series/series_time.h"
#include "app/terminal_text.h"

namespace tidewatch {
namespace {

constexpr size_t kMostShown = 60;  ///< bytes of a bad value in a message

std::string shown(std::string_view text) {
  return text.size() <= kMostShown ? one_line(text) : one_line(text.substr(0, kMostShown)) + "…";
}

bool is_missing(std::string_view field) {
  const absl::string_view text(field.data(), field.size());
  return text.empty() || absl::EqualsIgnoreCase(text, "nan") || absl::EqualsIgnoreCase(text, "na") ||
         absl::EqualsIgnoreCase(text, "null");
}

}  // namespace

Result<SeriesReader> SeriesReader::open(const std::string& path) {
  auto bytes = open_byte_source(path);
  if (!bytes) return bytes.error();
  return SeriesReader(path == "-" ? "standard input" : path, CsvRows(std::move(bytes).value()));
}

bool SeriesReader::take_header(const CsvRow& row) {
  double number = 0;
  if (row.fields.size() < 2 || parse_series_time(row.fields[0])) return false;
  // A bad time before numbers is a bad row, not a header.
  if (std::any_of(row.fields.begin() + 1, row.fields.end(),
                  [&](const std::string& field) { return absl::SimpleAtod(field, &number); }))
    return false;
  value_names_.assign(row.fields.begin() + 1, row.fields.end());
  columns_ = row.fields.size();
  return true;
}

Result<SeriesRow> SeriesReader::read(CsvRow& row) const {
  const auto bad = [&](const std::string& what) {
    return Error{"bad_data", fmt::format("{}:{}: {}", name_, row.line, what)};
  };
  if (row.fields.size() < 2)
    return bad(fmt::format("\"{}\": one column; a row is timestamp,value[,value2…]", shown(row.fields[0])));
  if (columns_ != 0 && row.fields.size() != columns_)
    return bad(fmt::format("{} columns, where rows before it have {}", row.fields.size(), columns_));
  SeriesRow out;
  const auto time = parse_series_time(row.fields[0]);
  if (!time) return bad(row.fields[0].size() <= kMostShown ? one_line(time.error().message) : "no time");
  out.time = *time;
  for (size_t i = 1; i < row.fields.size(); ++i) {
    double value = std::numeric_limits<double>::quiet_NaN();
    if (!is_missing(row.fields[i]) && (!absl::SimpleAtod(row.fields[i], &value) || !std::isfinite(value)))
      return bad(fmt::format("\"{}\" is no number; leave a value that is missing empty", shown(row.fields[i])));
    out.values.push_back(value);
  }
  out.time_text = std::move(row.fields[0]);
  return out;
}

Result<std::optional<SeriesRow>> SeriesReader::next(std::vector<SeriesComplaint>& told) {
  for (;;) {
    auto row = rows_.next();
    if (!row) return Error{row.error().code, fmt::format("{}: {}", name_, row.error().message)};
    if (!row->has_value()) return std::optional<SeriesRow>();
    if (std::exchange(is_first_, false) && take_header(**row)) continue;
    auto read_row = read(**row);
    if (!read_row) {
      told.push_back({read_row.error().message});
      continue;
    }
    columns_ = read_row->values.size() + 1;
    return std::optional(std::move(read_row).value());
  }
}

}  // namespace tidewatch
