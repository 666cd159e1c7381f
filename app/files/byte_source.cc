#include "app/files/byte_source.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

namespace tidewatch {
namespace {

constexpr size_t kChunkBytes = size_t{256} * 1024;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The file as it is; the bytes looked at to recognise it are handed out again.
class PlainSource : public ByteSource {
 public:
  explicit PlainSource(std::FILE* file) : file_(file) {
    std::setvbuf(file, nullptr, _IONBF, 0);  // what fread would read ahead, read() would miss
    head_size_ = std::fread(head_.data(), 1, head_.size(), file_.get());
    struct stat about {};
    if (::fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode))
      share_.total = static_cast<uint64_t>(about.st_size);
  }
  std::string_view head() const { return {head_.data(), head_size_}; }

  Result<size_t> read(std::span<char> out) override {
    if (head_used_ < head_size_) {
      const size_t count = std::min(out.size(), head_size_ - head_used_);
      std::memcpy(out.data(), head_.data() + head_used_, count);
      head_used_ += count;
      share_.read += count;
      return count;
    }
    // Not fread, which waits until all of `out` is filled: what comes through a pipe is wanted when it comes.
    ssize_t count = 0;
    do count = ::read(fileno(file_.get()), out.data(), out.size());
    while (count < 0 && errno == EINTR);
    if (count < 0) return Error{"read_failed", std::strerror(errno)};
    share_.read += static_cast<uint64_t>(count);
    return static_cast<size_t>(count);
  }
  FileShare share_read() const override { return share_; }

 private:
  std::unique_ptr<std::FILE, FileCloser> file_;
  std::array<char, 4> head_{};
  size_t head_size_ = 0;
  size_t head_used_ = 0;
  FileShare share_;
};

/// What gzip and zstd share: a buffer of compressed bytes that is filled when it is empty.
class CompressedSource : public ByteSource {
 public:
  explicit CompressedSource(std::unique_ptr<PlainSource> file) : file_(std::move(file)), buffer_(kChunkBytes) {}
  FileShare share_read() const override { return file_->share_read(); }

 protected:
  /// False at the end of the file.
  Result<bool> fill() {
    if (used_ < filled_) return true;
    auto count = file_->read(buffer_);
    if (!count) return count.error();
    filled_ = *count;
    used_ = 0;
    return filled_ > 0;
  }
  Error broken(std::string_view code, std::string_view what) const {
    return {std::string(code),
            fmt::format("{} at byte {} of the archive", what, file_->share_read().read - (filled_ - used_))};
  }

  std::unique_ptr<PlainSource> file_;
  std::vector<char> buffer_;
  size_t filled_ = 0;
  size_t used_ = 0;
};

class GzipSource final : public CompressedSource {
 public:
  explicit GzipSource(std::unique_ptr<PlainSource> file) : CompressedSource(std::move(file)) {
    TW_CHECK(inflateInit2(&stream_, MAX_WBITS + 16) == Z_OK, "zlib cannot allocate its state");
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<size_t> read(std::span<char> out) override {
    for (;;) {
      const auto more = fill();
      if (!more) return more.error();
      if (!*more) {
        if (is_inside_member_) return broken("truncated", "the gzip archive ends early");
        return size_t{0};
      }
      if (!is_inside_member_) inflateReset(&stream_);  // archives are often several members one after the other
      is_inside_member_ = true;
      stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data() + used_);
      stream_.avail_in = static_cast<uInt>(filled_ - used_);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = static_cast<uInt>(out.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      used_ = filled_ - stream_.avail_in;
      if (code == Z_STREAM_END) is_inside_member_ = false;
      const size_t count = out.size() - stream_.avail_out;
      if (count > 0) return count;  // an error behind these bytes comes back with the next call
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return broken("bad_archive", "the gzip archive is corrupt");
      }
    }
  }

 private:
  z_stream stream_{};
  bool is_inside_member_ = false;
};

class ZstdSource final : public CompressedSource {
 public:
  explicit ZstdSource(std::unique_ptr<PlainSource> file) : CompressedSource(std::move(file)) {
    TW_CHECK(stream_ != nullptr, "zstd cannot allocate its state");
  }

  Result<size_t> read(std::span<char> out) override {
    for (;;) {
      // Output that did not fit the last call's space waits inside zstd: ask for it before more input.
      if (!has_pending_output_) {
        const auto more = fill();
        if (!more) return more.error();
        if (!*more) {
          if (is_inside_frame_) return broken("truncated", "the zstd archive ends early");
          return size_t{0};
        }
      }
      ZSTD_inBuffer in{buffer_.data(), filled_, used_};
      ZSTD_outBuffer output{out.data(), out.size(), 0};
      const size_t code = ZSTD_decompressStream(stream_.get(), &output, &in);
      used_ = in.pos;
      if (ZSTD_isError(code) != 0) return broken("bad_archive", "the zstd archive is corrupt");
      is_inside_frame_ = code != 0;
      has_pending_output_ = code != 0 && output.pos == output.size;
      if (output.pos > 0) return output.pos;
    }
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
  bool is_inside_frame_ = false;
  bool has_pending_output_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path) {
  std::FILE* handle = path == "-" ? ::fdopen(::dup(STDIN_FILENO), "rb") : std::fopen(path.c_str(), "rb");
  if (handle == nullptr) return Error{"open_failed", fmt::format("{}: {}", path, std::strerror(errno))};
  auto file = std::make_unique<PlainSource>(handle);
  if (file->head().starts_with("\x1f\x8b")) {
    return std::unique_ptr<ByteSource>(std::make_unique<GzipSource>(std::move(file)));
  }
  if (file->head().starts_with("\x28\xb5\x2f\xfd")) {
    return std::unique_ptr<ByteSource>(std::make_unique<ZstdSource>(std::move(file)));
  }
  if (path.ends_with(".gz")) return Error{"bad_archive", path + ": not a gzip archive, whatever its name says"};
  if (path.ends_with(".zst")) return Error{"bad_archive", path + ": not a zstd archive, whatever its name says"};
  return std::unique_ptr<ByteSource>(std::move(file));
}

}  // namespace tidewatch
