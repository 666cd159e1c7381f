#include "app/files/byte_sink.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

namespace tidewatch {
namespace {

constexpr int kGzipLevel = 1;  // traces shrink to a tenth at level 1 already, at several times the speed of level 6
constexpr int kZstdLevel = 1;

Error failed(const std::string& path) { return {"write_failed", fmt::format("{}: {}", path, std::strerror(errno))}; }

class PlainSink final : public ByteSink {
 public:
  PlainSink(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  PlainSink(const PlainSink&) = delete;
  PlainSink& operator=(const PlainSink&) = delete;
  ~PlainSink() override {
    if (file_ != nullptr) std::fclose(file_);
  }
  Status write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return failed(path_);
    return ok_status();
  }
  Status close() override {
    std::FILE* file = std::exchange(file_, nullptr);
    return file == nullptr || std::fclose(file) == 0 ? ok_status() : Status(failed(path_));
  }

 private:
  std::string path_;
  std::FILE* file_;
};

class GzipSink final : public ByteSink {
 public:
  GzipSink(std::string path, gzFile file) : path_(std::move(path)), file_(file) {
    gzbuffer(file_, 1U << 17U);
    gzsetparams(file_, kGzipLevel, Z_DEFAULT_STRATEGY);
  }
  GzipSink(const GzipSink&) = delete;
  GzipSink& operator=(const GzipSink&) = delete;
  ~GzipSink() override {
    if (file_ != nullptr) gzclose(file_);
  }
  Status write(std::string_view bytes) override {
    if (gzfwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return failed(path_);
    return ok_status();
  }
  Status close() override {
    const gzFile file = std::exchange(file_, nullptr);
    return file == nullptr || gzclose(file) == Z_OK ? ok_status() : Status(failed(path_));
  }

 private:
  std::string path_;
  gzFile file_;
};

class ZstdSink final : public ByteSink {
 public:
  ZstdSink(std::string path, std::unique_ptr<ByteSink> file)
      : path_(std::move(path)), file_(std::move(file)), buffer_(ZSTD_CStreamOutSize()) {
    TW_CHECK(stream_ != nullptr, "zstd cannot allocate its state");
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1);
  }
  ZstdSink(const ZstdSink&) = delete;
  ZstdSink& operator=(const ZstdSink&) = delete;
  ~ZstdSink() override { static_cast<void>(finish()); }

  Status write(std::string_view bytes) override { return compress(bytes, ZSTD_e_continue); }
  Status close() override { return finish(); }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* stream) const { ZSTD_freeCCtx(stream); }
  };

  Status finish() {
    if (std::exchange(is_closed_, true)) return ok_status();
    if (auto written = compress({}, ZSTD_e_end); !written) return written;
    return file_->close();
  }
  Status compress(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    size_t left = 0;
    do {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      left = ZSTD_compressStream2(stream_.get(), &out, &in, directive);
      if (ZSTD_isError(left) != 0) return Error{"write_failed", fmt::format("{}: {}", path_, ZSTD_getErrorName(left))};
      if (auto written = file_->write({buffer_.data(), out.pos}); !written) return written;
    } while (directive == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return ok_status();
  }

  std::string path_;
  std::unique_ptr<ByteSink> file_;
  std::vector<char> buffer_;
  std::unique_ptr<ZSTD_CCtx, Free> stream_{ZSTD_createCCtx()};
  bool is_closed_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSink>> open_byte_sink(const std::string& path) {
  const auto cannot_open = [&] { return Error{"open_failed", fmt::format("{}: {}", path, std::strerror(errno))}; };
  if (path.ends_with(".gz")) {
    const gzFile file = gzopen(path.c_str(), "wb");
    if (file == nullptr) return cannot_open();
    return std::unique_ptr<ByteSink>(std::make_unique<GzipSink>(path, file));
  }
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return cannot_open();
  std::unique_ptr<ByteSink> plain = std::make_unique<PlainSink>(path, file);
  if (!path.ends_with(".zst")) return plain;
  return std::unique_ptr<ByteSink>(std::make_unique<ZstdSink>(path, std::move(plain)));
}

}  // namespace tidewatch
