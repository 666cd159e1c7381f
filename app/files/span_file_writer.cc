#include "app/files/span_file_writer.h"

#include <array>
#include <utility>

#include "app/files/byte_sink.h"

namespace tidewatch {

SpanFileWriter::SpanFileWriter(std::unique_ptr<ByteSink> sink, bool is_protobuf)
    : sink_(std::move(sink)), is_protobuf_(is_protobuf) {}
SpanFileWriter::SpanFileWriter(SpanFileWriter&&) noexcept = default;
SpanFileWriter& SpanFileWriter::operator=(SpanFileWriter&&) noexcept = default;
SpanFileWriter::~SpanFileWriter() = default;

Result<SpanFileWriter> SpanFileWriter::open(const std::string& path) {
  auto sink = open_byte_sink(path);
  if (!sink) return sink.error();
  std::string_view name = path;
  if (name.ends_with(".gz")) name.remove_suffix(3);
  if (name.ends_with(".zst")) name.remove_suffix(4);
  return SpanFileWriter(std::move(*sink), name.ends_with(".binpb") || name.ends_with(".pb"));
}

Status SpanFileWriter::write(std::string_view payload) {
  if (!is_protobuf_) {
    if (payload.find('\n') != std::string_view::npos) {
      return Error{"bad_record", "a record of a JSON lines file cannot contain a line feed"};
    }
    bytes_ += payload.size() + 1;
    if (auto written = sink_->write(payload); !written) return written;
    return sink_->write("\n");
  }
  std::array<char, 10> header{};
  size_t size = 0;
  uint64_t length = payload.size();
  for (; length >= 0x80; length >>= 7U) header[size++] = static_cast<char>(length | 0x80U);
  header[size++] = static_cast<char>(length);
  bytes_ += size + payload.size();
  if (auto written = sink_->write({header.data(), size}); !written) return written;
  return sink_->write(payload);
}

Status SpanFileWriter::close() { return sink_->close(); }

}  // namespace tidewatch
