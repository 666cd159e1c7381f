// Otherwise the library ends the process where it should throw.
#define VALIJSON_USE_EXCEPTIONS 1

#include "stream/signals/schema_check.h"

#include <xxhash.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "stream/signals/json_answer.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr size_t kMaxSchemaBytes = size_t{1} << 18;

/// Null when the text is no schema that the library reads.
using Compiled = std::shared_ptr<const valijson::Schema>;

/// Keywords whose values are data, not schemas.
bool holds_data(const std::string& key) {
  return key == "enum" || key == "const" || key == "default" || key == "examples" || key == "required";
}
/// Keywords whose values map names to schemas.
bool holds_named_schemas(const std::string& key) {
  return key == "properties" || key == "definitions" || key == "$defs" || key == "dependencies";
}

// pre: nesting was bounded by json_form
void drop_expressions(Json& schema) {
  if (schema.is_array())
    for (Json& item : schema) drop_expressions(item);
  if (!schema.is_object()) return;
  schema.erase("pattern");
  schema.erase("format");
  // What additionalProperties forbids depends on the expressions.
  if (schema.erase("patternProperties") > 0) schema.erase("additionalProperties");
  for (auto& [key, value] : schema.items()) {
    if (holds_named_schemas(key) && value.is_object())
      for (auto& [name, named] : value.items()) drop_expressions(named);
    else if (!holds_data(key))
      drop_expressions(value);
  }
}

/// Finds schemas that apply themselves to the same place of the document again: validating them would never end.
class SelfApplication {
 public:
  explicit SelfApplication(const Json& root) : root_(root) {}

  bool exists() { return in_any(root_); }

 private:
  bool in_any(const Json& node) {
    if (node.is_object() && leads_back(node)) return true;
    if (!node.is_structured()) return false;
    for (const auto& [key, value] : node.items())
      if (!(node.is_object() && holds_data(key)) && in_any(value)) return true;
    return false;
  }

  /// Depth first over the keywords that apply a schema to the same place.
  bool leads_back(const Json& schema) {
    if (!schema.is_object() || done_.contains(&schema)) return false;
    if (!open_.insert(&schema).second) return true;
    bool found = false;
    if (const auto ref = schema.find("$ref"); ref != schema.end() && ref->is_string())
      found = leads_back(target_of(ref->get_ref<const std::string&>()));
    for (const auto* keyword : {"allOf", "anyOf", "oneOf"})
      if (const auto list = schema.find(keyword); !found && list != schema.end() && list->is_array())
        for (const Json& item : *list) found = found || leads_back(item);
    for (const auto* keyword : {"not", "if", "then", "else"})
      if (const auto one = schema.find(keyword); !found && one != schema.end()) found = leads_back(*one);
    if (const auto map = schema.find("dependencies"); !found && map != schema.end() && map->is_object())
      for (const auto& [name, named] : map->items()) found = found || leads_back(named);
    open_.erase(&schema);
    done_.insert(&schema);
    return found;
  }

  const Json& target_of(const std::string& reference) const {
    if (!reference.starts_with('#')) throw std::invalid_argument("reference to another document");
    return root_.at(Json::json_pointer(reference.substr(1)));
  }

  const Json& root_;
  std::unordered_set<const Json*> open_;
  std::unordered_set<const Json*> done_;
};

Compiled compile(std::string_view text) try {
  Json json;
  if (text.size() > kMaxSchemaBytes || json_form(text, &json) != JsonForm::whole || !json.is_object()) return nullptr;
  drop_expressions(json);
  if (SelfApplication(json).exists()) return nullptr;
  auto out = std::make_shared<valijson::Schema>();
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(Adapter(json), *out);
  return out;
} catch (const std::exception&) {  // the library throws std::runtime_error for what is no schema, json for pointers
  return nullptr;
}

bool allows(const valijson::Schema& schema, const Json& value, valijson::ValidationResults* results = nullptr) {
  valijson::Validator validator;
  return validator.validate(schema, Adapter(value), results);
}

/// The library adds an error for each schema around the innermost one that does not hold: the first names the place.
std::string first_of(valijson::ValidationResults& results) {
  valijson::ValidationResults::Error error;
  if (!results.popError(error)) return "is not as the schema says";
  std::string place;
  for (const auto& step : error.context)
    if (step.starts_with('[') && step.ends_with(']')) place += '/' + step.substr(1, step.size() - 2);
  return (place.empty() ? "" : place + ": ") + error.description;
}

}  // namespace

struct SchemaCheck::Cache {
  explicit Cache(size_t max) : max_schemas(max) {}

  Compiled get(std::string_view schema) {
    const XXH128_hash_t hash = XXH3_128bits(schema.data(), schema.size());
    const Key key{hash.low64, hash.high64};
    {
      const std::lock_guard lock(mutex);
      if (const auto found = compiled.find(key); found != compiled.end()) return found->second;
    }
    auto fresh = compile(schema);  // outside the lock: two threads may do the same work once
    const std::lock_guard lock(mutex);
    if (compiled.size() >= max_schemas) compiled.clear();
    compiled.emplace(key, fresh);
    return fresh;
  }

  struct Key {
    uint64_t low;
    uint64_t high;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const { return key.low; }
  };
  const size_t max_schemas;
  std::mutex mutex;
  std::unordered_map<Key, Compiled, Hash> compiled;
};

SchemaCheck::SchemaCheck(size_t max_schemas) : cache_(std::make_unique<Cache>(std::max<size_t>(1, max_schemas))) {}
SchemaCheck::~SchemaCheck() = default;

size_t SchemaCheck::kept() const {
  const std::lock_guard lock(cache_->mutex);
  return cache_->compiled.size();
}

std::optional<bool> SchemaCheck::is_mismatch(std::string_view schema, std::string_view answer) const {
  if (schema.empty()) return json_form(answer) != JsonForm::whole;
  const Compiled compiled = cache_->get(schema);
  if (!compiled) return std::nullopt;
  Json value;
  if (json_form(answer, &value) != JsonForm::whole) return true;
  return !allows(*compiled, value);
}

std::optional<std::string> SchemaCheck::fault(std::string_view schema, std::string_view answer) const {
  const Compiled compiled = schema.empty() ? nullptr : cache_->get(schema);
  if (!schema.empty() && !compiled) return std::nullopt;
  Json value;
  switch (json_form(answer, &value)) {
    case JsonForm::cut_off:
      return "is JSON that ends before it is complete";
    case JsonForm::malformed:
      return "is no JSON";
    case JsonForm::whole:
      break;
  }
  valijson::ValidationResults results;
  return !compiled || allows(*compiled, value, &results) ? std::string() : first_of(results);
}

}  // namespace tidewatch
