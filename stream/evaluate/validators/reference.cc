#include "stream/evaluate/validators/reference.h"

#include <cctype>

#include "stream/evaluate/validators/registry.h"

namespace tidewatch {
namespace {

std::string sentence(std::string text) {
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

std::string value_of(const ParamInfo& param) {
  std::string out = param.type == "list" ? "list of texts" : param.type == "string" ? "text" : param.type;
  const bool is_number = param.type == "number" || param.type == "integer";
  if (is_number) out += fmt::format(", {:.10g} to {:.10g}", param.allowed.low, param.allowed.high);
  return param.unit.empty() ? out : fmt::format("{} {}", out, param.unit);
}

std::string row(const ParamInfo& param) {
  const std::string standard = param.default_value.empty() ? "" : fmt::format("`{}`", param.default_value);
  return fmt::format("| `{}` | {} | {} | {} |\n", param.name, value_of(param), standard, param.help);
}

}  // namespace

std::string validator_reference() {
  std::string out;
  for (const ValidatorInfo& info : describe_validators()) {
    out += fmt::format("### {}\n{}\n\n| parameter | value | default | meaning |\n|---|---|---|---|\n", info.name,
                       sentence(info.help));
    for (const ParamInfo& param : info.params) out += row(param);
    out += '\n';
  }
  return out;
}

}  // namespace tidewatch
