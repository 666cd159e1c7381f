#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>

#include "stream/ingest/dialects/dialect_table.h"

namespace tidewatch {

/// Reads the YAML of schemas/dialects into a DialectTable. What is wrong in a table is thrown as a Mistake.
class DialectParser {
 public:
  struct Mistake {
    std::string message;
  };

  explicit DialectParser(DialectTable& out) : out_(out) {}

  void add_file(std::string_view file, std::string_view yaml);  ///< one dialect or a list of them
  void add_labels(const LabelKeys& keys, const LabelKeys& first);

 private:
  void add_dialect(std::string_view file, const YAML::Node& node);
  void add_scopes(const YAML::Node& scopes, uint8_t dialect);
  void add_events(std::string_view where, const YAML::Node& events);
  void add_field(std::string_view where, CanonicalField field, const YAML::Node& rows, uint8_t dialect);
  Alias read_row(std::string_view where, CanonicalField field, const YAML::Node& row, std::string& key);
  void add(std::string_view where, std::string key, Alias alias);

  DialectTable& out_;
};

/// The map of labels.yaml. Throws YAML::Exception.
LabelKeys read_label_keys(std::string_view yaml);

}  // namespace tidewatch
