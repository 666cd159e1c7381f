#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

/// A file that is written from front to back, compressed when its name ends in .gz or .zst.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status write(std::string_view bytes) = 0;  ///< code: `write_failed`
  /// Writes out what is buffered; nothing may be written afterwards. Code: `write_failed`.
  virtual Status close() = 0;
};

/// Replaces the file. Code: `open_failed`.
Result<std::unique_ptr<ByteSink>> open_byte_sink(const std::string& path);

}  // namespace tidewatch
