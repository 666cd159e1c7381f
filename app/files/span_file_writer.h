#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

class ByteSink;

/// Writes what SpanFileReader reads: JSON lines, or protobuf with a varint length before each message (.binpb, .pb);
/// gzip or zstd by a further extension .gz or .zst.
class SpanFileWriter {
 public:
  /// Replaces the file. Code: `open_failed`.
  static Result<SpanFileWriter> open(const std::string& path);

  SpanFileWriter(SpanFileWriter&&) noexcept;
  SpanFileWriter& operator=(SpanFileWriter&&) noexcept;
  ~SpanFileWriter();  ///< closes without telling of errors

  /// One message. Codes: `write_failed`, and in a JSON file `bad_record` for a payload of more than one line.
  Status write(std::string_view payload);
  /// Writes out what is buffered and ends the archive. Code: `write_failed`.
  Status close();

  bool is_protobuf() const { return is_protobuf_; }
  uint64_t bytes() const { return bytes_; }  ///< before compression

 private:
  SpanFileWriter(std::unique_ptr<ByteSink> sink, bool is_protobuf);

  std::unique_ptr<ByteSink> sink_;
  bool is_protobuf_;
  uint64_t bytes_ = 0;
};

}  // namespace tidewatch
