#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/series/csv_rows.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// One moment of one or more series. A value that is missing is NaN.
struct SeriesRow {
  std::string time_text;  ///< as written
  Timestamp time{};
  std::vector<double> values;  ///< one by column, at least one
};

/// What was wrong with rows.
struct SeriesComplaint {
  std::string message;  ///< with file and line
};

/// Reads `timestamp,value[,value2…]`: the first row may be a header, an empty value (also NaN, NA, null) is missing.
/// The header, else the first row that can be read, decides on the number of columns. Rows that cannot be read are told
/// and left out.
class SeriesReader {
 public:
  /// `path`: a file, compressed or not, or `-` for standard input. Codes: those of open_byte_source().
  static Result<SeriesReader> open(const std::string& path);

  /// The next readable row, nothing at the end. `told` gets a complaint for each row that was left out before it.
  /// Codes: those of CsvRows::next(), with the file's name.
  Result<std::optional<SeriesRow>> next(std::vector<SeriesComplaint>& told);

  const std::vector<std::string>& value_names() const { return value_names_; }  ///< of the header; empty without one
  FileShare share_read() const { return rows_.share_read(); }
  bool is_drained() const { return rows_.is_drained(); }

 private:
  SeriesReader(std::string name, CsvRows rows) : name_(std::move(name)), rows_(std::move(rows)) {}
  Result<SeriesRow> read(CsvRow& row) const;
  bool take_header(const CsvRow& row);

  std::string name_;  ///< of the file, in messages
  CsvRows rows_;
  std::vector<std::string> value_names_;
  size_t columns_ = 0;  ///< 0: not known yet
  bool is_first_ = true;
};

}  // namespace tidewatch
