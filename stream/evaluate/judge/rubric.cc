#include "stream/evaluate/judge/rubric.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "schemas/embedded.h"

namespace tidewatch {

int Rubric::passes_from() const {
  if (pass_from > 0) return pass_from;
  return is_yes_or_no() ? 1 : std::max(highest() - 1, 2);
}

double Rubric::score_of(int level) const {
  return static_cast<double>(level - lowest()) / static_cast<double>(highest() - lowest());
}

std::string fault_of(const Rubric& rubric) {
  if (rubric.ask.empty()) return "it asks nothing";
  if (rubric.version.empty()) return "it has no version";
  if (rubric.version.find_first_of(" /@\n") != std::string::npos) return "its version has a space, `/` or `@` in it";
  if (rubric.levels.size() == 1 || rubric.levels.size() > 10) return "it has 2 to 10 levels, or none for yes or no";
  if (rubric.pass_from < 0 || rubric.pass_from > rubric.highest())
    return fmt::format("pass_from is a score from {} to {}", rubric.lowest() + 1, rubric.highest());
  return {};
}

Result<Rubric> parse_rubric(std::string_view name, const std::string& yaml) try {
  Rubric out;
  out.name = std::string(name);
  const YAML::Node root = YAML::Load(yaml);
  for (const auto& entry : root) {
    const auto key = entry.first.as<std::string>();
    if (key == "version")
      out.version = entry.second.as<std::string>();
    else if (key == "ask")
      out.ask = entry.second.as<std::string>();
    else if (key == "levels")
      out.levels = entry.second.as<std::vector<std::string>>();
    else if (key == "pass_from")
      out.pass_from = entry.second.as<int>();
    else if (key == "needs")
      for (const auto& need : entry.second.as<std::vector<std::string>>()) {
        out.needs_question |= need == "question";
        out.needs_documents |= need == "documents";
        if (need != "question" && need != "documents")
          return Error{"bad_rubric", fmt::format("{}: needs question or documents, not {}", name, need)};
      }
    else
      return Error{"bad_rubric", fmt::format("{}: {} is no key of a rubric", name, key)};
  }
  if (const std::string fault = fault_of(out); !fault.empty())
    return Error{"bad_rubric", fmt::format("{}: {}", name, fault)};
  return out;
} catch (const YAML::Exception& error) {
  return Error{"bad_rubric", fmt::format("{}: {}", name, error.what())};
}

const std::vector<Rubric>& built_in_rubrics() {
  static const std::vector<Rubric> rubrics = [] {
    std::vector<Rubric> out;
    for (const auto& [file, content] : embedded_rubrics())
      out.push_back(parse_rubric(file.substr(0, file.find('.')), std::string(content)).value());
    return out;
  }();
  return rubrics;
}

}  // namespace tidewatch
