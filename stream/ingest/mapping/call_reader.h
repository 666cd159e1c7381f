#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <vector>

#include "stream/ingest/mapping/attribute_slots.h"
#include "stream/ingest/mapping/message_reader.h"
#include "stream/signals/call_texts.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// A message of a conversation that an event or a log record carries.
struct EventMessage {
  EventRole role = EventRole::none;
  const OtlpValue* body = nullptr;             ///< of a log record
  const OtlpAttributes* attributes = nullptr;  ///< of the event or record
};

/// Reads a call's texts from wherever a dialect put them. Keeps its parser; not thread-safe.
class CallReader {
 public:
  struct Call {
    CallTexts texts;
    bool has_content = false;                 ///< some text or tool call was recorded
    std::vector<std::string> finish_reasons;  ///< as stated inside the content
    std::optional<uint32_t> documents;        ///< how many a retrieval found
    std::optional<double> retrieval_score;    ///< the best of their scores
  };

  explicit CallReader(const DialectTable& table) : table_(table), messages_(table.normaliser()) {}

  Call read(AttributeSlots& slots, const std::vector<EventMessage>& events, tidewatch::v1::Operation operation);

 private:
  void read_schema(const AttributeSlots& slots, CallTexts& texts);
  void read_documents(AttributeSlots& slots, bool is_retrieval, Call& call);
  bool read_pieces(const AttributeSlots& slots, CanonicalField role, CanonicalField text, Call& call);
  void read_event(const EventMessage& event, Call& call);
  bool read_input(const AttributeSlots::Found& source, Call& call);
  bool read_output(const AttributeSlots::Found& source, bool is_model, Call& call);
  /// The JSON in a value; nothing when it is a plain text. Valid until the next call.
  std::optional<simdjson::dom::element> json_in(const OtlpValue& value);
  std::optional<simdjson::dom::element> parse(std::string_view text);

  const DialectTable& table_;
  MessageReader messages_;
  simdjson::dom::parser parser_;
  std::string written_;  ///< an attribute value as JSON
};

}  // namespace tidewatch
