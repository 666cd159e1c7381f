#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "detectors/core/result.h"

namespace tidewatch {

/// Bytes of one file, or of several together.
struct FileShare {
  uint64_t read = 0;
  uint64_t total = 0;  ///< 0: not known

  void operator+=(const FileShare& other) {
    read += other.read;
    total += other.total;
  }
  /// In [0, 1]; 0 where nothing is known.
  double value() const { return total == 0 ? 0 : static_cast<double>(read) / static_cast<double>(total); }
};

/// Bytes of a file one after the other, decompressed when it is gzip or zstd. Memory: a few hundred kB whatever the
/// size of the file.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the front of `out`; how many bytes, 0 at the end. Codes: `read_failed`, `bad_archive` (corrupt), `truncated`
  /// (the archive ends early); what could be decompressed before was returned by earlier calls. Messages do not
  /// name the file: the caller knows it.
  virtual Result<size_t> read(std::span<char> out) = 0;
  /// How much of the file, as it lies on disk, was read; `total` is 0 where that is not known (a pipe).
  virtual FileShare share_read() const = 0;
};

/// Opens `path`; `-` is standard input, whose bytes are handed out as they come. Compression is recognised by the first
/// bytes; an extension .gz or .zst that they contradict is an error (`bad_archive`). Also: `open_failed`.
Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path);

}  // namespace tidewatch
