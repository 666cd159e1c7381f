#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tidewatch {

/// Whether answers keep to the JSON Schema that their request declared (valijson: draft 7 without remote references).
/// `format`, `pattern` and `patternProperties` are not looked at: format is an annotation by default in the standard,
/// and the library's regular expressions can be made to run for ever. Compiled schemas are kept, at most
/// `max_schemas`; what a check says never depends on what is kept. Safe to share between threads.
class SchemaCheck {
 public:
  explicit SchemaCheck(size_t max_schemas = 64);
  ~SchemaCheck();

  /// True when the answer is no JSON or JSON that the schema does not allow. An empty schema means: any JSON. Nothing
  /// when the schema itself cannot be read: that is the request's fault, not the answer's.
  std::optional<bool> is_mismatch(std::string_view schema, std::string_view answer) const;

  /// The same in words: empty when the answer keeps to the schema, else where it does not and why ("/items/0: Missing
  /// required property 'id'."). Names keys of the answer, never its values.
  std::optional<std::string> fault(std::string_view schema, std::string_view answer) const;

  size_t kept() const;  ///< compiled schemas, for tests

 private:
  struct Cache;
  std::unique_ptr<Cache> cache_;
};

}  // namespace tidewatch
