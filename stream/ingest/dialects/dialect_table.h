#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "schemas/embedded.h"
#include "stream/ingest/dialects/label_keys.h"
#include "stream/ingest/dialects/normaliser.h"
#include "stream/ingest/dialects/text_map.h"

namespace tidewatch {

/// What a dialect can say of a span (fields.def).
enum class CanonicalField : uint8_t {
#define FIELD(name, kind) name,
#include "stream/ingest/dialects/fields.def"
#undef FIELD
};
inline constexpr size_t kFieldCount = static_cast<size_t>(CanonicalField::label) + 1;

enum class FieldKind : uint8_t {
  word,     ///< one of the words of a `values` table
  flag,     ///< true or false
  text,     ///< a text that is not one of normalise.yaml's `missing`
  number,   ///< a number that is not negative, or a text that is one
  real,     ///< any number, or a text that is one
  any,      ///< whatever is not null
  content,  ///< messages or texts, as text, JSON or attribute values
  piece,    ///< a part of numbered content
  label,
};

/// Rows that belong to no dialect: labels.
inline constexpr uint8_t kNoDialect = 255;

enum class TimeUnit : uint8_t { none, seconds, milliseconds, nanoseconds, time };

/// What an event (of a span, or a log record) of a name means.
enum class EventRole : uint8_t {
  none,
  system,
  user,
  assistant,
  tool,         ///< a message of the conversation
  choice,       ///< an answer of the model
  details,      ///< its attributes are the span's
  first_token,  ///< its time is when the first token came
  evaluation,
  exception,
};

/// One row of a table: where a field is found.
struct Alias {
  CanonicalField field = CanonicalField::operation;
  uint16_t rank = 0;    ///< the lowest one present wins
  uint8_t dialect = 0;  ///< index of the table it stands in
  TimeUnit unit = TimeUnit::none;
  bool is_verbatim = false;            ///< the text is the content itself, even where it is JSON
  bool is_extra = false;               ///< tokens on top of input_tokens/output_tokens instead of part of them
  uint16_t label = 0;                  ///< index of the label, of CanonicalField::label
  std::string means;                   ///< the field's value when the key is there, whatever the key's value
  std::string pointer;                 ///< JSON pointer (RFC 6901) into the attribute's value; empty: the value itself
  std::vector<std::string> extra_for;  ///< providers for which it is extra
  TextMap<std::string> values;         ///< squashed word -> the field's word
};

/// The dialect tables of schemas/dialects as one map from attribute key to what it says. Immutable; share freely.
class DialectTable {
 public:
  /// Which numbers stood in a key of numbered content.
  struct Numbers {
    uint32_t first = 0;
    uint32_t second = 0;
  };

  /// Errors: `bad_dialect` with the file, the key and what to do. `label_keys` come before the tables' own of the same
  /// label; the label "cost" is the field cost_usd.
  static Result<std::shared_ptr<const DialectTable>> parse(std::span<const EmbeddedFile> files,
                                                           const LabelKeys& label_keys);
  /// The tables of the binary.
  static Result<std::shared_ptr<const DialectTable>> embedded(const LabelKeys& label_keys = {});

  /// The rows of an attribute key, none when unknown. Keys with numbers ("llm.input_messages.0.message.role") are also
  /// looked up with `*` for each number.
  std::span<const Alias> find(std::string_view key, Numbers& numbers) const;

  /// The dialect of an instrumentation scope; -1: not told by its name.
  int dialect_of_scope(std::string_view scope) const;
  EventRole event_role(std::string_view name) const;

  std::string_view dialect_name(size_t dialect) const { return dialects_[dialect].name; }
  int dialect_order(size_t dialect) const { return dialects_[dialect].order; }
  const std::vector<std::string>& labels() const { return labels_; }
  const Normaliser& normaliser() const { return normaliser_; }

  static FieldKind kind_of(CanonicalField field);
  static std::string_view name_of(CanonicalField field);

 private:
  friend class DialectParser;
  struct Dialect {
    std::string name;
    int order = 0;  ///< lower is more specific: it names the span and its keys win
  };

  std::vector<Dialect> dialects_;
  std::vector<std::string> labels_;
  TextMap<std::vector<Alias>> keys_;
  TextMap<uint8_t> scopes_;
  std::vector<std::pair<std::string, uint8_t>> scope_prefixes_;
  TextMap<EventRole> events_;
  Normaliser normaliser_;
};

}  // namespace tidewatch
