#include "stream/runtime/output_batch.h"

#include <fmt/format.h>

#include "stream/ingest/utf8_repair.h"
#include "stream/publish/encoder.h"
#include "tidewatch/v1/dead_letter.pb.h"

namespace tidewatch {

OutputBatch::OutputBatch(std::string stage, size_t dead_letter_bytes, WireFormat format)
    : stage_(std::move(stage)), dead_letter_bytes_(dead_letter_bytes), format_(format) {}

void OutputBatch::emit(Stream stream, std::string_view key, std::string_view value, std::span<const Header> headers) {
  bytes_ += key.size() + value.size();
  outputs_.push_back(
      {stream, std::string(key), std::string(value), std::vector<Header>(headers.begin(), headers.end())});
}

void OutputBatch::emit_everywhere(Stream stream, std::string_view key, std::string_view value) {
  emit(stream, key, value, {});
  outputs_.back().is_everywhere = true;
}

void OutputBatch::dead_letter(const Record& record, const Error& reason, std::string_view part) {
  v1::DeadLetter letter;
  letter.set_topic(std::string(record.topic));
  letter.set_partition(record.partition);
  letter.set_offset(record.offset);
  letter.set_stage(stage_);
  letter.set_reason(reason.code);
  letter.set_message(repaired_utf8(reason.message));  // it may quote a text and cut it inside a character
  letter.set_payload(std::string(part.substr(0, dead_letter_bytes_)));
  letter.set_payload_size(part.size());
  emit(Stream::dead_letter, fmt::format("{}/{}/{}", record.topic, record.partition, record.offset),
       encode(letter, format_), {});
  count("dead_letters", reason.code, 1);
}

void OutputBatch::count(std::string_view name, std::string_view label, uint64_t by) {
  counts_[{std::string(name), std::string(label)}] += by;
}

void OutputBatch::clear() {
  outputs_.clear();
  counts_.clear();
  bytes_ = 0;
}

}  // namespace tidewatch
