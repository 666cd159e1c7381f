#include "app/completion/command_tree.h"

#include <absl/strings/str_split.h>

#include <utility>

namespace tidewatch::completion {
namespace {

/// CLI11 tells the words of IsMember only as text: "TEXT:{jsonl,binpb}".
std::vector<std::string> choices_of(const std::string& type) {
  const size_t open = type.find('{');
  const size_t close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return absl::StrSplit(type.substr(open + 1, close - open - 1), ',', absl::SkipEmpty());
}

Parameter parameter_of(const CLI::Option& option) {
  Parameter out;
  for (const auto& name : option.get_snames()) out.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) out.names.push_back("--" + name);
  out.help = option.get_description();
  out.takes_value = option.get_items_expected_max() > 0;
  out.takes_many = option.get_items_expected_max() > 1;
  const std::string type = option.get_type_name();
  out.choices = choices_of(type);
  if (!out.choices.empty())
    out.values = Values::choices;
  else if (type.starts_with("FILE"))
    out.values = Values::files;
  else if (type.starts_with("DIR"))
    out.values = Values::folders;
  return out;
}

Command command_of(const CLI::App& app, std::vector<std::string> path) {
  Command out;
  out.help = app.get_description();
  for (const auto* option : app.get_options()) {
    Parameter parameter = parameter_of(*option);
    (parameter.names.empty() ? out.arguments : out.options).push_back(std::move(parameter));
  }
  for (const auto* inner : app.get_subcommands([](const CLI::App*) { return true; })) {
    auto inner_path = path;
    inner_path.push_back(inner->get_name());
    out.commands.push_back(command_of(*inner, std::move(inner_path)));
  }
  out.path = std::move(path);
  return out;
}

}  // namespace

Command command_tree(const CLI::App& app) { return command_of(app, {}); }

}  // namespace tidewatch::completion
