#pragma once

#include <vector>

#include "stream/ingest/mapping/attribute_slots.h"
#include "stream/ingest/mapping/call_reader.h"
#include "stream/signals/call_details.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Reads what stands around question and answer (CallDetails) from wherever a dialect put it: lists of messages, their
/// numbered attributes, events and log records; definitions of tools; documents with their ids.
class DetailReader {
 public:
  explicit DetailReader(const DialectTable& table) : table_(table) {}

  /// `operation`: of a retrieval the documents alone, of what is no call of a model or around one nothing.
  CallDetails read(AttributeSlots& slots, const std::vector<EventMessage>& events, v1::Operation operation) const;

 private:
  const DialectTable& table_;
};

}  // namespace tidewatch
