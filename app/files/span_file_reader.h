#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/files/byte_source.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// One message of a file, not decoded.
struct FileRecord {
  std::string payload;
  uint64_t line = 0;  ///< 1-based, of JSON; 0 in a protobuf file
  uint64_t byte = 0;  ///< where the payload begins, in the decompressed file
};

/// What a file is made of.
enum class FileFraming : uint8_t {
  recognise,  ///< by extension (.json, .jsonl, .ndjson, .binpb, .pb, before .gz or .zst), else by the first byte
  lines,      ///< one JSON value per line, whatever the lines hold: feedback, evaluations, labels
};

/// Reads a file of OTLP messages one payload at a time, in bounded memory:
/// - JSON lines: one ExportTraceServiceRequest or TracesData (or their logs) per line. A file whose first line is only
///   the beginning of a value (it ends in `{`, `[` or `,`) holds values spread over lines: each is one payload.
/// - Protobuf: messages with a varint length before each, or one single message without: then each of its fields comes
///   as a payload of its own, which is a message of the same type.
/// - gzip or zstd of either, recognised by content.
/// Blank lines, carriage returns before line feeds and a UTF-8 byte order mark do not count.
class SpanFileReader {
 public:
  static constexpr size_t kMaxRecordBytes = size_t{64} << 20;

  /// Codes: `open_failed`, `bad_archive`, `read_failed`.
  static Result<SpanFileReader> open(const std::string& path, FileFraming framing = FileFraming::recognise);

  SpanFileReader(SpanFileReader&&) noexcept;
  SpanFileReader& operator=(SpanFileReader&&) noexcept;
  ~SpanFileReader();

  /// The next payload, nothing at the end. An error names file and place; its codes: `too_long` (above
  /// kMaxRecordBytes), `truncated`, `bad_archive`, `read_failed`, `bad_framing`. After a line that is too long the next
  /// call gives the next line; after any other error it gives the end.
  Result<std::optional<FileRecord>> next();

  /// `path:12` of line 12, `path:byte 512` of protobuf: for messages about the record's content.
  std::string position(const FileRecord& record) const;
  FileShare share_read() const;  ///< how far it is in the file

 private:
  class Bytes;
  enum class Kind : uint8_t { lines, documents, delimited, single };

  SpanFileReader(std::string path, std::unique_ptr<Bytes> bytes, Kind kind);

  Result<std::optional<FileRecord>> next_line();
  Result<std::optional<FileRecord>> next_document();
  Result<std::optional<FileRecord>> next_message();
  Error fail(std::string_view code, std::string_view place, std::string_view what);

  std::string path_;
  std::unique_ptr<Bytes> bytes_;
  Kind kind_;
  uint64_t line_ = 0;  ///< lines read
  bool is_done_ = false;
};

}  // namespace tidewatch
