#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <regex>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::json;

/// A generated file of the repository; TIDEWATCH_UPDATE_GOLDEN=1 rewrites it.
void expect_file(const std::string& path, const std::string& generated) {
  if (std::getenv("TIDEWATCH_UPDATE_GOLDEN") != nullptr)
    std::ofstream(std::string(TIDEWATCH_SOURCE_DIR) + "/" + path, std::ios::binary) << generated;
  EXPECT_TRUE(source_file(path) == generated) << path << " is not what the binary generates; run this test with "
                                              << "TIDEWATCH_UPDATE_GOLDEN=1";
}

/// Values as editors take them: YAML's core schema.
Json json_of(const YAML::Node& node) {
  if (node.IsMap()) {
    Json out = Json::object();
    for (const auto& pair : node) out[pair.first.as<std::string>()] = json_of(pair.second);
    return out;
  }
  if (node.IsSequence()) {
    Json out = Json::array();
    for (const auto& item : node) out.push_back(json_of(item));
    return out;
  }
  if (node.IsNull()) return nullptr;
  const auto text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "true" || text == "false") return text == "true";
  if (std::regex_match(text, std::regex("[-+]?[0-9]+"))) return std::stoll(text);
  if (std::regex_match(text, std::regex(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)")))
    return std::stod(text);
  return text;
}

/// What the JSON Schema says of a config.
bool is_accepted(const std::string& yaml) {
  valijson::Schema schema;
  const Json text = Json::parse(config_schema());
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  const Json document = json_of(YAML::Load(yaml));
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  return validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
}

TEST(Schema, OfTheRepositoryIsTheGeneratedOne) { expect_file("schemas/config.schema.json", config_schema()); }

TEST(Docs, OfTheRepositoryAreTheGeneratedOnes) { expect_file("docs/config.md", config_docs()); }

TEST(Schema, AcceptsTheExamples) {
  EXPECT_TRUE(is_accepted(source_file("docs/examples/tidewatch.yaml")));
  EXPECT_TRUE(is_accepted(full_yaml()));
  EXPECT_TRUE(is_accepted("{}"));
}

TEST(Schema, AcceptsWhatIsShown) { EXPECT_TRUE(is_accepted(show_config(load_full().config))); }

TEST(Schema, RefusesWhatValidateRefuses) {
  for (const char* yaml : {"kafak: {}",
                           "mode: lve",
                           "time: {pane: 5}",
                           "time: {pane: 5 minutes}",
                           "http: {port: 70000}",
                           "http: {port: many}",
                           "entities: [service]",
                           "entities: []",
                           "prices: [{model: a, input: 2.5}]",
                           "prices: [{input: 2.5 USD}]",
                           "prices: [{model: a, input: 2.5 euros}]",
                           "budgets: [{name: a, entity: [service], amount: 5}]",
                           "budgets: [{name: a, entity: [service], amount: 5 USD, per: year}]",
                           "budgets: [{name: a, amount: 5 USD}]",
                           "detectors: [{name: a, windw: 5m}]",
                           "detectors: [{name: a, detector: piont}]",
                           "detectors: [{detector: point}]",
                           "detectors: [{name: a, alert: {min_effect: 0.15}}]",
                           "detectors: [{name: a, half_life: 2}]",
                           "measures: {a: {of: requests}}",
                           "measures: {A: {kind: sum}}",
                           "labels: {segment: [a b]}",
                           "kafka: {brokers: [a, b c]}",
                           "topics: {traces: a b}",
                           "rollouts: [{name: a}, {guard: {error_rate: {worse_by: 1pp}}}]",
                           "rollouts: [{name: a, guard: {error_rate: {}}}]"}) {
    EXPECT_FALSE(is_accepted(yaml)) << yaml;
    EXPECT_THAT(errors_of(std::string(yaml)), Not(IsEmpty())) << yaml;
  }
}

/// Paths of all keys of a schema, "detectors[].alert.for".
void add_keys(const Json& root, const Json& schema, const std::string& path, std::set<std::string>& out) {
  if (schema.contains("properties"))
    for (const auto& [name, key] : schema["properties"].items()) {
      const std::string below = path.empty() ? name : path + "." + name;
      out.insert(below);
      add_keys(root, key, below, out);
    }
  if (schema.contains("items")) add_keys(root, schema["items"], path + "[]", out);
  if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object())
    add_keys(root, schema["additionalProperties"], path + ".*", out);
  if (schema.contains("anyOf"))
    for (const auto& option : schema["anyOf"]) add_keys(root, option, path, out);
}

void remove_keys(const Json& schema, const Json& document, const std::string& path, std::set<std::string>& out) {
  if (document.is_object())
    for (const auto& [name, value] : document.items()) {
      const std::string below = path.empty() ? name : path + "." + name;
      out.erase(below);
      remove_keys(schema, value, below, out);
      remove_keys(schema, value, path + ".*", out);
    }
  if (document.is_array())
    for (const auto& item : document) {
      remove_keys(schema, item, path + "[]", out);
      remove_keys(schema, item, path, out);  // one or several
    }
}

TEST(Full, HasEveryKey) {
  const Json schema = Json::parse(config_schema());
  std::set<std::string> missing;
  add_keys(schema, schema, "", missing);
  EXPECT_GT(missing.size(), 90);
  remove_keys(schema, json_of(YAML::Load(full_yaml())), "", missing);
  // Not both of two spellings, in one rule or another; parameters of detectors have their own tests.
  for (const auto& detector : describe_detectors())
    for (const auto& param : detector.params)
      for (const char* path : {"detectors[].", "detectors[].params."}) missing.erase(path + param.name);
  EXPECT_THAT(missing, IsEmpty());
}

TEST(Docs, NameEverySectionAndEveryDetector) {
  const std::string docs = config_docs();
  for (const char* text :
       {"## kafka\n", "## topics\n", "## detectors[]\n", "## detectors[].alert\n", "## measures.<name>\n",
        "## prices[]\n", "| `pane` | duration | `1m` |", "### point\n", "| `half_life` |"})
    EXPECT_THAT(docs, HasSubstr(text));
  EXPECT_THAT(docs, Not(HasSubstr("` | value |"))) << "a value whose type has no words";
}

}  // namespace
}  // namespace tidewatch
