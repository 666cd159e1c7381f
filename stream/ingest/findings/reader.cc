#include "stream/ingest/findings/reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "stream/ingest/findings/foreign.h"
#include "stream/ingest/otlp_protobuf.h"
#include "stream/ingest/utf8_repair.h"

namespace tidewatch {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

/// JSON starts with an object or an array; as the first byte of one of our events these would be group tags, which
/// proto3 does not have. A line feed is also the tag of field 1, so there the lengths of the fields decide.
bool is_json(std::string_view payload) {
  const size_t first = payload.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (payload[first] != '{' && payload[first] != '[')) return false;
  return payload.front() != '\n' || !is_protobuf(payload);
}

class Reader {
 public:
  Reader(Timestamp append_time, const OwnEvent& own, const TakeFinding& take)
      : append_time_(append_time), own_(own), take_(take) {}

  void take(Result<Finding> finding, std::string_view part) {
    if (!finding) return refuse(finding.error(), part);
    if (finding->id.empty()) finding->id = content_id(part);
    if (!finding->time) {
      if (append_time_ == kMinTimestamp)
        return refuse({"bad_time", "neither the event nor the record states a time; set time"}, part);
      finding->time = append_time_;
    }
    if (const auto ok = take_(*finding, out_); !ok) refuse(ok.error(), part);
  }

  void take_item(const element& item) {
    const std::string part = simdjson::minify(item);
    const auto object = as_object(item);
    if (!object) return refuse({"not_an_event", "an item of the message is not a JSON object"}, part);
    const auto read = foreign_reader_of(*object);
    if (read == nullptr) return take(own_.from_json(part), part);
    auto finding = read(*object);
    if (!finding) return refuse(finding.error(), part);
    if (*finding)
      take(**std::move(finding), part);
    else
      ++out_.ignored;
  }

  Findings out() && { return std::move(out_); }

 private:
  void refuse(const Error& error, std::string_view part) { out_.bad.push_back({error, std::string(part)}); }

  Timestamp append_time_;
  const OwnEvent& own_;
  const TakeFinding& take_;
  Findings out_;
};

/// The items of a message: an array, the array that the APIs wrap theirs in, or the message itself.
std::optional<array> items_of(const element& message) {
  array items;
  if (message.get(items) == simdjson::SUCCESS) return items;
  for (const auto name : {"data", "batch"})
    if (message[name].get(items) == simdjson::SUCCESS) return items;
  return std::nullopt;
}

}  // namespace

Result<Findings> read_findings(std::string_view payload, Timestamp append_time, const OwnEvent& own,
                               const TakeFinding& take) {
  if (payload.empty()) return Error{"empty", "the message is empty"};
  Reader reader(append_time, own, take);
  if (!is_json(payload)) {
    auto event = own.from_protobuf(payload);
    if (!event && event.error().code == "bad_event")
      return Error{"not_an_event", "the message is neither JSON nor a protobuf event of this topic"};
    reader.take(std::move(event), payload);
    return std::move(reader).out();
  }
  simdjson::dom::parser parser;
  element message;
  auto error = parser.parse(payload.data(), payload.size()).get(message);
  std::string repaired;
  if (error == simdjson::UTF8_ERROR) {  // one comment that was cut must not cost the other events
    repaired = repaired_utf8(payload);
    error = parser.parse(repaired).get(message);
  }
  if (error != simdjson::SUCCESS)
    return Error{"bad_json", fmt::format("the message is not JSON: {}", simdjson::error_message(error))};
  if (const auto items = items_of(message)) {
    for (const element item : *items) reader.take_item(item);
  } else {
    reader.take_item(message);
  }
  return std::move(reader).out();
}

}  // namespace tidewatch
