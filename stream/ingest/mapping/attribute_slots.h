#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "stream/ingest/dialects/dialect_table.h"
#include "stream/ingest/otlp.h"

namespace tidewatch {

/// What the attributes of one span say, in one pass over them: for each field the value of the best row present.
/// Values point into the attributes given, which must outlive the use. Reused from span to span: clear() keeps memory.
class AttributeSlots {
 public:
  struct Slot {
    const OtlpValue* value = nullptr;  ///< nullptr: no row of the field was present
    const Alias* row = nullptr;
    std::string_view word;  ///< of word and flag fields read by a `values` table or `means`
  };
  /// A value with the row that found it; of numbered content also the numbers.
  struct Found {
    const OtlpValue* value = nullptr;
    const Alias* row = nullptr;
    DialectTable::Numbers numbers;
  };

  explicit AttributeSlots(const DialectTable& table);

  void clear();
  void read(const OtlpAttributes& attributes);           ///< of the span, or of an event that speaks for it
  void read_resource(const OtlpAttributes& attributes);  ///< labels that the span itself does not state
  /// Looks into JSON values for the fields that nothing better was found for. Call once, after read().
  void read_json();

  const Slot& operator[](CanonicalField field) const { return slots_[static_cast<size_t>(field)]; }
  bool has(CanonicalField field) const { return (*this)[field].value != nullptr; }
  const OtlpValue* label(size_t index) const { return labels_[index].value; }

  /// Content sources, best first.
  const std::vector<Found>& sorted_content();
  const std::vector<Found>& pieces() const { return pieces_; }

  /// The most specific dialect that a key was found of; -1: none.
  int dialect() const { return dialect_; }

 private:
  struct Json {
    const OtlpValue* value;
    std::span<const Alias> rows;
  };

  void offer(const OtlpValue& value, const Alias& row, const DialectTable::Numbers& numbers);
  void take(Slot& slot, const OtlpValue& value, const Alias& row, std::string_view word = {});
  bool would_win(const Alias& row) const;
  void read_json(const Json& json);
  const OtlpValue& keep(simdjson::dom::element element);

  const DialectTable& table_;
  std::array<Slot, kFieldCount> slots_{};
  std::vector<Slot> labels_;
  std::vector<Found> content_;
  std::vector<Found> pieces_;
  std::vector<Json> jsons_;
  std::deque<OtlpValue> kept_;  ///< values out of JSON; their texts are in kept_texts_
  std::deque<std::string> kept_texts_;
  simdjson::dom::parser parser_;
  int dialect_ = -1;
};

}  // namespace tidewatch
