#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "app/files/byte_source.h"
#include "app/files/span_file_reader.h"

namespace tidewatch {

/// Looks ahead into a source: a window of bytes that grows as far as a caller asks and forgets what is consumed.
class SpanFileReader::Bytes {
 public:
  explicit Bytes(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  /// At least `count` bytes from here, fewer only at the end. An error of the source is kept until what was read before
  /// it is consumed: see error().
  std::string_view ahead(size_t count) {
    while (held() < count && !has_ended_) grow();
    return {buffer_.data() + used_, held()};
  }
  void consume(size_t count) {
    used_ += count;
    offset_ += count;
  }
  uint64_t offset() const { return offset_; }
  FileShare share_read() const { return source_->share_read(); }
  size_t held() const { return filled_ - used_; }
  /// Why the source ended early; nullptr when it did not.
  const Error* error() const { return error_.message.empty() ? nullptr : &error_; }

 private:
  static constexpr size_t kStepBytes = size_t{256} * 1024;

  void grow() {
    if (used_ > 0 && used_ >= filled_ - used_) {
      std::memmove(buffer_.data(), buffer_.data() + used_, filled_ - used_);
      filled_ -= used_;
      used_ = 0;
    }
    if (buffer_.size() < filled_ + kStepBytes) buffer_.resize(std::max(filled_ + kStepBytes, buffer_.size() * 2));
    auto count = source_->read(std::span(buffer_).subspan(filled_));
    if (!count) error_ = count.error();
    if (!count || *count == 0) {
      has_ended_ = true;
      return;
    }
    filled_ += *count;
  }

  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  size_t filled_ = 0;
  size_t used_ = 0;
  uint64_t offset_ = 0;
  bool has_ended_ = false;
  Error error_;
};

}  // namespace tidewatch
