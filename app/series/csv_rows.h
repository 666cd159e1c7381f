#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/files/byte_source.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// One row of a CSV file.
struct CsvRow {
  uint64_t line = 0;  ///< 1-based, on which it begins
  std::vector<std::string> fields;
};

/// Rows of comma-separated values (RFC 4180: quoted fields may hold commas, quotes and line ends), one at a time, in
/// bounded memory. Blank lines and a UTF-8 byte order mark do not count; spaces around unquoted fields are dropped.
class CsvRows {
 public:
  static constexpr size_t kMaxFieldBytes = size_t{1} << 20;

  explicit CsvRows(std::unique_ptr<ByteSource> bytes);
  CsvRows(CsvRows&&) noexcept;
  CsvRows& operator=(CsvRows&&) noexcept;
  ~CsvRows();

  /// The next row, nothing at the end. Codes: those of ByteSource, and `too_long` (a field above kMaxFieldBytes: most
  /// likely a quote that is never closed; nothing is read after it).
  Result<std::optional<CsvRow>> next();
  FileShare share_read() const;  ///< how far it is in the file
  /// Whether everything that was read so far has been handed out: the next call of next() waits for input.
  bool is_drained() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

/// A field as CSV writes it: quoted where it has to be.
std::string csv_field(std::string_view value);

}  // namespace tidewatch
