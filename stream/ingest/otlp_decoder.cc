#include "stream/ingest/otlp_decoder.h"

#include "stream/ingest/otlp_json.h"
#include "stream/ingest/otlp_protobuf.h"

namespace tidewatch {

OtlpEncoding otlp_encoding_of(std::string_view payload) {
  const size_t first = payload.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || payload[first] != '{') return OtlpEncoding::protobuf;
  // 0x0A is a line feed and the tag of field 1: "\n{" may also be a first field of 123 bytes.
  if (payload.front() == '\n' && is_protobuf(payload)) return OtlpEncoding::protobuf;
  return OtlpEncoding::json;
}

OtlpDecoder::OtlpDecoder(std::optional<OtlpEncoding> encoding, Timestamp latest)
    : encoding_(encoding), latest_(latest), json_(std::make_unique<OtlpJsonReader>(latest)) {}
OtlpDecoder::~OtlpDecoder() = default;

Status OtlpDecoder::decode_traces(std::string_view payload, OtlpSink& sink) {
  utf8_.clear();
  return encoding_of(payload) == OtlpEncoding::json ? json_->decode_traces(payload, sink, utf8_)
                                                    : decode_traces_protobuf(payload, sink, utf8_, latest_);
}

Status OtlpDecoder::decode_logs(std::string_view payload, OtlpSink& sink) {
  utf8_.clear();
  return encoding_of(payload) == OtlpEncoding::json ? json_->decode_logs(payload, sink, utf8_)
                                                    : decode_logs_protobuf(payload, sink, utf8_, latest_);
}

}  // namespace tidewatch
