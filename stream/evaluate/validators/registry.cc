#include "stream/evaluate/validators/registry.h"

#include <array>

#include "stream/evaluate/validators/answer_language.h"
#include "stream/evaluate/validators/citations.h"
#include "stream/evaluate/validators/code.h"
#include "stream/evaluate/validators/forbidden_phrases.h"
#include "stream/evaluate/validators/grounded_answer.h"
#include "stream/evaluate/validators/json_schema.h"
#include "stream/evaluate/validators/length.h"
#include "stream/evaluate/validators/numbers.h"
#include "stream/evaluate/validators/personal_data.h"
#include "stream/evaluate/validators/prompt_injection.h"
#include "stream/evaluate/validators/regular_expression.h"
#include "stream/evaluate/validators/required_phrases.h"
#include "stream/evaluate/validators/safety.h"
#include "stream/evaluate/validators/secrets.h"
#include "stream/evaluate/validators/tool_arguments.h"

namespace tidewatch {
namespace {

using Made = Result<std::unique_ptr<Validator>>;

template <typename V>
Made make(const ValidatorSettings& settings) {
  typename V::Params params;
  for (const auto& [name, value] : settings)
    if (auto set = set_param(params, name, value); !set) return set.error();
  return V::make(params);
}

template <typename V>
Status set(std::string_view name, std::string_view value) {
  typename V::Params params;
  return set_param(params, name, value);
}

struct Entry {
  std::string_view name;
  std::string_view help;
  Made (*make)(const ValidatorSettings&);
  Status (*set)(std::string_view, std::string_view);
  std::vector<ParamInfo> (*describe)();
};

constexpr auto kEntries = std::to_array<Entry>({
#define VALIDATOR(name, type, help) {#name, help, &make<type>, &set<type>, &describe_params<type::Params>},
#include "stream/evaluate/validators/registry.def"
#undef VALIDATOR
});

Result<const Entry*> find(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return &entry;
    names.push_back(entry.name);
  }
  const auto near = nearest_name(name, names);
  return Error{"unknown_validator", near.empty()
                                        ? fmt::format("{}: unknown validator", name)
                                        : fmt::format("{}: unknown validator; did you mean \"{}\"?", name, near)};
}

}  // namespace

const std::vector<ValidatorInfo>& describe_validators() {
  static const std::vector<ValidatorInfo> all = [] {
    std::vector<ValidatorInfo> out;
    out.reserve(kEntries.size());
    for (const Entry& entry : kEntries)
      out.push_back({std::string(entry.name), std::string(entry.help), entry.describe()});
    return out;
  }();
  return all;
}

Made make_validator(std::string_view name, const ValidatorSettings& settings) {
  const auto entry = find(name);
  if (!entry) return entry.error();
  return (*entry)->make(settings);
}

Status check_setting(std::string_view validator, std::string_view name, std::string_view value) {
  const auto entry = find(validator);
  if (!entry) return entry.error();
  return (*entry)->set(name, value);
}

}  // namespace tidewatch
