#include "app/series/csv_rows.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

namespace tidewatch {

/// libcsv pushes fields and rows; they wait here until they are asked for, at most those of one chunk.
class CsvRows::Parser {
 public:
  explicit Parser(std::unique_ptr<ByteSource> bytes) : bytes_(std::move(bytes)), chunk_(size_t{64} * 1024) {
    TW_CHECK(csv_init(&csv_, 0) == 0, "libcsv cannot allocate its state");
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() { csv_free(&csv_); }

  Result<std::optional<CsvRow>> next() {
    while (rows_.empty()) {
      if (is_done_) return std::optional<CsvRow>();
      if (auto read = fill(); !read) {
        is_done_ = true;
        return read.error();
      }
    }
    CsvRow row = std::move(rows_.front());
    rows_.pop_front();
    return std::optional(std::move(row));
  }
  FileShare share_read() const { return bytes_->share_read(); }
  bool is_drained() const { return rows_.empty(); }

 private:
  static void on_field(void* value, size_t size, void* self) {
    auto& parser = *static_cast<Parser*>(self);
    if (parser.row_.fields.empty()) parser.row_.line = parser.field_line_;
    parser.row_.fields.emplace_back(static_cast<const char*>(value), size);
    parser.field_line_ = parser.line_;
  }
  static void on_row(int, void* self) {
    auto& parser = *static_cast<Parser*>(self);
    parser.rows_.push_back(std::exchange(parser.row_, {}));
  }

  Status fill() {
    const auto count = bytes_->read(chunk_);
    if (!count) return count.error();
    std::string_view left(chunk_.data(), *count);
    if (*count == 0) {
      is_done_ = true;
      csv_fini(&csv_, on_field, on_row, this);
      return ok_status();
    }
    if (std::exchange(is_at_start_, false) && left.starts_with("\xEF\xBB\xBF")) left.remove_prefix(3);
    // Line by line, so that rows know where they are.
    while (!left.empty()) {
      const auto line = left.substr(0, left.find('\n') == std::string_view::npos ? left.size() : left.find('\n') + 1);
      if (row_.fields.empty() && csv_.entry_pos == 0 && csv_.quoted == 0) field_line_ = line_;
      if (csv_parse(&csv_, line.data(), line.size(), on_field, on_row, this) != line.size())
        return Error{"read_failed", fmt::format("line {}: {}", line_, csv_strerror(csv_error(&csv_)))};
      if (csv_.entry_pos > kMaxFieldBytes)
        return Error{"too_long", fmt::format("line {}: a field of more than {} bytes; is a quote never closed?",
                                             field_line_, kMaxFieldBytes)};
      if (line.back() == '\n') ++line_;
      left.remove_prefix(line.size());
    }
    return ok_status();
  }

  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> chunk_;
  csv_parser csv_{};
  CsvRow row_;
  std::deque<CsvRow> rows_;
  uint64_t line_ = 1;
  uint64_t field_line_ = 1;  ///< where the field that is being read began
  bool is_at_start_ = true;
  bool is_done_ = false;
};

CsvRows::CsvRows(std::unique_ptr<ByteSource> bytes) : parser_(std::make_unique<Parser>(std::move(bytes))) {}
CsvRows::CsvRows(CsvRows&&) noexcept = default;
CsvRows& CsvRows::operator=(CsvRows&&) noexcept = default;
CsvRows::~CsvRows() = default;

Result<std::optional<CsvRow>> CsvRows::next() { return parser_->next(); }
FileShare CsvRows::share_read() const { return parser_->share_read(); }
bool CsvRows::is_drained() const { return parser_->is_drained(); }

std::string csv_field(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
  std::string out(2 * value.size() + 2, '\0');
  out.resize(csv_write(out.data(), out.size(), value.data(), value.size()));
  return out;
}

}  // namespace tidewatch
