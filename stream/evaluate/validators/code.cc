#include "stream/evaluate/validators/code.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <stdexcept>

#include "stream/evaluate/scan/balance.h"
#include "stream/evaluate/scan/code_blocks.h"
#include "stream/signals/json_answer.h"

namespace tidewatch {
namespace {

// yaml-cpp descends recursively: deeper flow nesting could exhaust the stack.
constexpr size_t kMaxFlowDepth = 100;

bool is_json(std::string_view language) { return language == "json"; }
bool is_yaml(std::string_view language) { return language == "yaml" || language == "yml"; }
bool is_deep(std::string_view code) {
  return static_cast<size_t>(std::count_if(code.begin(), code.end(), [](char c) { return c == '[' || c == '{'; })) >
         kMaxFlowDepth;
}

std::string fault_of_json(std::string_view code) {
  switch (json_form(code)) {
    case JsonForm::whole:
      return {};
    case JsonForm::cut_off:
      return "ends before it is complete";
    case JsonForm::malformed:
      break;
  }
  return "is no JSON";
}

std::string fault_of_yaml(std::string_view code) try {
  if (is_deep(code)) return {};  // not judged
  YAML::LoadAll(std::string(code));
  return {};
} catch (const YAML::Exception& error) {
  return fmt::format("line {}: {}", error.mark.line + 1, error.msg);
} catch (const std::runtime_error&) {  // YAML::DeepRecursion, which is no YAML::Exception
  return "is nested too deeply";
}

}  // namespace

Result<std::unique_ptr<Validator>> Code::make(const Params& params) {
  for (const auto& language : params.languages)
    if (!is_json(language) && !is_yaml(language) && !is_balance_known(language))
      return Error{"bad_value", fmt::format("languages: \"{}\" cannot be judged; use json, yaml, python, c, cpp, java, "
                                            "go, javascript, typescript, rust, sql or the like",
                                            language)};
  return Result<std::unique_ptr<Validator>>(std::make_unique<Code>(params));
}

bool Code::is_judged(const std::string& language) const {
  const auto& wanted = params_.languages;
  if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), language) == wanted.end()) return false;
  return is_json(language) || is_yaml(language) || (params_.balance && is_balance_known(language));
}

Validation Code::check(const ReviewedRequest& request) const {
  return worst_answer(request, [&](std::string_view answer) {
    if (answer.empty() && !request.tool_calls.empty()) return not_applicable("the answer only calls tools");
    return check_answer(answer);
  });
}

Validation Code::check_answer(std::string_view answer) const {
  size_t judged = 0;
  size_t bad = 0;
  size_t balanced = 0;
  std::string first;
  for (const CodeBlock& block : code_blocks(answer)) {
    const bool is_known = is_judged(block.language);
    if (!is_known && block.is_closed) continue;
    ++judged;
    const bool is_parsed = is_json(block.language) || is_yaml(block.language);
    std::string fault = !block.is_closed          ? "the fence is never closed"
                        : is_json(block.language) ? fault_of_json(block.code)
                        : is_yaml(block.language) ? fault_of_yaml(block.code)
                                                  : imbalance_of(block.code, block.language);
    balanced += is_parsed ? 0 : 1;
    if (fault.empty()) continue;
    if (bad++ == 0)
      first = fmt::format("block {}{}: {}", judged, block.language.empty() ? "" : fmt::format(" ({})", block.language),
                          fault);
  }
  if (judged == 0)
    return params_.required ? failed("has no code that could be judged") : not_applicable("no code that can be judged");
  const double share = 1 - static_cast<double>(bad) / static_cast<double>(judged);
  if (bad > 0) return failed(fmt::format("{} of {} blocks cannot be read; {}", bad, judged, first), share);
  return passed(balanced == 0 ? fmt::format("{} blocks parsed", judged)
                              : fmt::format("{} blocks parsed, {} balanced", judged - balanced, balanced),
                share);
}

}  // namespace tidewatch
