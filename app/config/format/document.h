#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <variant>

namespace tidewatch::config {

/// Why a text is no YAML document that we read.
struct DocumentError {
  YAML::Mark mark;
  std::string message;
};

/// Nesting beyond which a document is refused; a config needs 6.
inline constexpr int kMaxDepth = 32;

/// Parses one YAML document. Refused are texts that are no YAML, several documents in one, nesting beyond kMaxDepth and
/// texts beyond kMaxConfigBytes. Aliases stay shared: the parsed document is not larger than its text.
std::variant<YAML::Node, DocumentError> parse_document(std::string_view yaml);

}  // namespace tidewatch::config
