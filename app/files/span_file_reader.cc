#include "app/files/span_file_reader.h"

#include <fmt/format.h>

#include <array>

#include "app/files/span_file_bytes.h"

namespace tidewatch {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlank = " \t\r\n";
/// No message of one resource and one span fits into this (its ids alone take 28 bytes).
constexpr uint64_t kLeastResourceBytes = 16;
constexpr char kFieldOne = 0x0a;  ///< tag of field 1, length-delimited: resource_spans, resource_logs

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

struct Varint {
  uint64_t value = 0;
  size_t bytes = 0;  ///< 0: cut off or longer than 10 bytes
};
Varint varint_at(std::string_view in) {
  Varint out;
  for (size_t i = 0; i < std::min<size_t>(in.size(), 10); ++i) {
    const auto byte = static_cast<uint8_t>(in[i]);
    out.value |= uint64_t{byte & 0x7fU} << (7 * i);
    if (byte < 0x80) {
      out.bytes = i + 1;
      return out;
    }
  }
  return {};
}

/// Whether a protobuf file is one message without a length before it. A first byte 0x0A is the tag of field 1, or the
/// length of a message of ten bytes, which cannot hold a span; the field's length tells the two apart.
bool is_single_message(std::string_view head) {
  if (head.empty() || head[0] != kFieldOne) return false;
  const Varint length = varint_at(head.substr(1));
  return length.bytes > 0 && length.value >= kLeastResourceBytes;
}

/// The end of the JSON value at the front of `text`, by brackets outside of strings; npos when it is not complete.
class ValueEnd {
 public:
  /// Goes on where the last call stopped: `text` is the same text, longer.
  size_t find(std::string_view text) {
    for (; at_ < text.size(); ++at_) {
      const char c = text[at_];
      if (is_in_string_) {
        if (c == '\\') {
          if (++at_ >= text.size()) return std::string_view::npos;
        } else if (c == '"') {
          is_in_string_ = false;
        }
      } else if (c == '"') {
        is_in_string_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
      } else if ((c == '}' || c == ']') && --depth_ <= 0) {
        return at_ + 1;
      }
    }
    return std::string_view::npos;
  }

 private:
  size_t at_ = 0;
  int depth_ = 0;
  bool is_in_string_ = false;
};

/// Whether the values of a JSON file spread over lines: its first line that is not blank breaks off where only a
/// printer breaks, and the next line is not a value of its own.
bool has_values_over_lines(std::string_view head) {
  const size_t first = head.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return false;
  head.remove_prefix(first);
  const size_t end = head.find('\n');
  if (end == std::string_view::npos || ValueEnd().find(head.substr(0, end)) != std::string_view::npos) return false;
  const std::string_view line = trimmed(head.substr(0, end));
  if (std::string_view("{[,").find(line.back()) == std::string_view::npos) return false;
  const size_t second = head.find_first_not_of("\r\n", end);
  return line.front() == '[' || second == std::string_view::npos || !head.substr(second).starts_with("{\"");
}

std::string_view without_compression(std::string_view path) {
  for (const std::string_view extension : {".gz", ".zst"}) {
    if (path.ends_with(extension)) return path.substr(0, path.size() - extension.size());
  }
  return path;
}

bool is_json(std::string_view path, std::string_view head) {
  path = without_compression(path);
  for (const std::string_view extension : {".json", ".jsonl", ".ndjson"}) {
    if (path.ends_with(extension)) return true;
  }
  for (const std::string_view extension : {".binpb", ".pb"}) {
    if (path.ends_with(extension)) return false;
  }
  const std::string_view text = trimmed(head);
  return text.empty() || text.front() == '{' || text.front() == '[';
}

}  // namespace

SpanFileReader::SpanFileReader(std::string path, std::unique_ptr<Bytes> bytes, Kind kind)
    : path_(std::move(path)), bytes_(std::move(bytes)), kind_(kind) {}
SpanFileReader::SpanFileReader(SpanFileReader&&) noexcept = default;
SpanFileReader& SpanFileReader::operator=(SpanFileReader&&) noexcept = default;
SpanFileReader::~SpanFileReader() = default;

FileShare SpanFileReader::share_read() const { return bytes_->share_read(); }

Result<SpanFileReader> SpanFileReader::open(const std::string& path, FileFraming framing) {
  auto source = open_byte_source(path);
  if (!source) return source.error();
  auto bytes = std::make_unique<Bytes>(std::move(*source));
  constexpr size_t kHeadBytes = size_t{64} * 1024;
  const std::string_view head = bytes->ahead(kHeadBytes);
  if (head.empty() && bytes->error() != nullptr)
    return Error{bytes->error()->code, fmt::format("{}: {}", path, bytes->error()->message)};
  if (head.starts_with(kByteOrderMark)) bytes->consume(kByteOrderMark.size());
  const std::string_view text = bytes->ahead(0);
  Kind kind = Kind::lines;
  if (framing == FileFraming::recognise) {
    if (!is_json(path, text)) {
      kind = is_single_message(text) ? Kind::single : Kind::delimited;
    } else if (has_values_over_lines(text)) {
      kind = Kind::documents;
    }
  }
  return SpanFileReader(path, std::move(bytes), kind);
}

std::string SpanFileReader::position(const FileRecord& record) const {
  return record.line > 0 ? fmt::format("{}:{}", path_, record.line) : fmt::format("{}:byte {}", path_, record.byte);
}

Error SpanFileReader::fail(std::string_view code, std::string_view place, std::string_view what) {
  is_done_ = code != "too_long" || kind_ != Kind::lines;
  return {std::string(code), fmt::format("{}:{}: {}", path_, place, what)};
}

Result<std::optional<FileRecord>> SpanFileReader::next() {
  if (is_done_) return std::optional<FileRecord>();
  switch (kind_) {
    case Kind::lines:
      return next_line();
    case Kind::documents:
      return next_document();
    case Kind::delimited:
    case Kind::single:
      return next_message();
  }
  TW_CHECK(false, "a framing that is none");
}

Result<std::optional<FileRecord>> SpanFileReader::next_line() {
  for (;;) {
    size_t searched = 0;
    size_t end = std::string_view::npos;
    uint64_t skipped = 0;  // bytes of a line that is too long, already given up
    std::string_view text = bytes_->ahead(1);
    while ((end = text.find('\n', searched)) == std::string_view::npos) {
      searched = text.size();
      if (searched + skipped > kMaxRecordBytes) {
        skipped += searched;
        bytes_->consume(searched);
        searched = 0;
      }
      const size_t held = bytes_->held();
      text = bytes_->ahead(held + 1);
      if (text.size() == held) break;
    }
    const bool is_last = end == std::string_view::npos;
    if (is_last && bytes_->error() != nullptr) {
      return fail(bytes_->error()->code, std::to_string(line_ + 1), bytes_->error()->message);
    }
    if (is_last && text.empty() && skipped == 0) return std::optional<FileRecord>();
    ++line_;
    const size_t length = is_last ? text.size() : end;
    FileRecord record{.payload = {}, .line = line_, .byte = bytes_->offset()};
    const bool is_too_long = skipped + length > kMaxRecordBytes;
    if (!is_too_long) record.payload = trimmed(text.substr(0, length));
    bytes_->consume(is_last ? length : length + 1);
    if (is_too_long) {
      return fail("too_long", std::to_string(line_),
                  fmt::format("a line of {} bytes; the limit is {}", skipped + length, kMaxRecordBytes));
    }
    if (!record.payload.empty()) return std::optional(std::move(record));
  }
}

Result<std::optional<FileRecord>> SpanFileReader::next_document() {
  // Blank space between documents.
  for (;;) {
    const std::string_view text = bytes_->ahead(1);
    if (text.empty()) {
      if (bytes_->error() != nullptr)
        return fail(bytes_->error()->code, std::to_string(line_ + 1), bytes_->error()->message);
      return std::optional<FileRecord>();
    }
    if (kBlank.find(text.front()) == std::string_view::npos) break;
    if (text.front() == '\n') ++line_;
    bytes_->consume(1);
  }
  FileRecord record{.payload = {}, .line = line_ + 1, .byte = bytes_->offset()};
  const std::string place = std::to_string(record.line);
  std::string_view text = bytes_->ahead(1);
  if (text.front() != '{' && text.front() != '[') return fail("bad_framing", place, "expected a JSON object or array");
  ValueEnd value;
  size_t end = std::string_view::npos;
  while ((end = value.find(text)) == std::string_view::npos) {
    if (text.size() > kMaxRecordBytes)
      return fail("too_long", place, fmt::format("a JSON value of more than {} bytes", kMaxRecordBytes));
    const size_t held = bytes_->held();
    text = bytes_->ahead(held + 1);
    if (text.size() > held) continue;
    if (bytes_->error() != nullptr) return fail(bytes_->error()->code, place, bytes_->error()->message);
    return fail("truncated", place, "the JSON value that begins here does not end");
  }
  record.payload = text.substr(0, end);
  line_ += static_cast<uint64_t>(std::count(record.payload.begin(), record.payload.end(), '\n'));
  bytes_->consume(end);
  return std::optional(std::move(record));
}

Result<std::optional<FileRecord>> SpanFileReader::next_message() {
  constexpr size_t kMaxHeaderBytes = 11;
  const std::string_view head = bytes_->ahead(kMaxHeaderBytes);
  const std::string place = fmt::format("byte {}", bytes_->offset());
  if (head.empty()) {
    if (bytes_->error() != nullptr) return fail(bytes_->error()->code, place, bytes_->error()->message);
    return std::optional<FileRecord>();
  }
  const size_t tag_bytes = kind_ == Kind::single ? 1 : 0;
  if (tag_bytes > 0 && head.front() != kFieldOne)
    return fail("bad_framing", place, "expected field 1 of an OTLP message");
  const Varint length = varint_at(head.substr(tag_bytes));
  if (length.bytes == 0) {
    if (bytes_->error() != nullptr) return fail(bytes_->error()->code, place, bytes_->error()->message);
    return head.size() < kMaxHeaderBytes
               ? fail("truncated", place, "the file ends inside the length of a message")
               : fail("bad_framing", place, "the length of a message takes more than ten bytes");
  }
  if (length.value > kMaxRecordBytes) {
    return fail("too_long", place,
                fmt::format("a message of {} bytes; the limit is {}: perhaps no length-delimited OTLP protobuf",
                            length.value, kMaxRecordBytes));
  }
  const size_t header = tag_bytes + length.bytes;
  const size_t total = header + static_cast<size_t>(length.value);
  const std::string_view text = bytes_->ahead(total);
  if (text.size() < total) {
    if (bytes_->error() != nullptr) return fail(bytes_->error()->code, place, bytes_->error()->message);
    return fail(
        "truncated", place,
        fmt::format("a message of {} bytes, and the file ends {} bytes early", length.value, total - text.size()));
  }
  // A field of the single message, with its tag, is a message of the same type.
  const size_t from = tag_bytes > 0 ? 0 : header;
  FileRecord record{
      .payload = std::string(text.substr(from, total - from)), .line = 0, .byte = bytes_->offset() + from};
  bytes_->consume(total);
  return std::optional(std::move(record));
}

}  // namespace tidewatch
