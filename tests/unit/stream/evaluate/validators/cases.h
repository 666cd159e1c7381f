#pragma once

#include <yaml-cpp/yaml.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "stream/evaluate/validators/registry.h"

namespace tidewatch {

/// A labelled request of cases/*.yaml:
///   - check: length            # a validator
///     with: {max_words: 3}     # its parameters
///     cases: [{name: too long, answer: one two three four, verdict: fails, why: "4 words"}]
/// `verdict`: fails, passes, or not applicable. `why`: a part of the explanation. Cases marked `known: miss` are
/// labelled by what is right, not by what the validator says: they count in the bench, and the test holds them to be
/// wrong still.
/// `¦` is left out of texts: credentials are written with it, so that nobody's scanner takes the file for a leak.
struct ValidatorCase {
  std::string file;
  std::string name;
  std::string check;
  ValidatorSettings settings;
  Validation::Outcome outcome = Validation::Outcome::not_applicable;
  std::string why;
  bool is_known_miss = false;
  ReviewedRequest request;
  std::shared_ptr<std::deque<std::string>> texts = std::make_shared<std::deque<std::string>>();  ///< the request's
};

namespace cases_detail {

class CaseReader {
 public:
  static ValidatorCase read(const YAML::Node& group, const YAML::Node& node, const std::string& file) {
    static const std::set<std::string> kKeys{
        "name",         "verdict",      "why",       "known",      "system", "question", "answer", "answers",
        "conversation", "tool_results", "documents", "tool_calls", "tools",  "schema",   "json",   "language"};
    for (const auto& pair : node)
      if (!kKeys.contains(pair.first.Scalar()))
        throw std::invalid_argument(file + ": unknown key " + pair.first.Scalar());
    ValidatorCase out;
    out.file = file;
    out.name = node["name"].as<std::string>();
    out.check = group["check"].as<std::string>();
    for (const auto& setting : group["with"])
      if (setting.second.IsSequence())
        for (const auto& item : setting.second) out.settings.emplace_back(setting.first.Scalar(), item.Scalar());
      else
        out.settings.emplace_back(setting.first.Scalar(), setting.second.Scalar());
    out.outcome = outcome_named(node["verdict"].as<std::string>());
    out.why = node["why"].as<std::string>("");
    out.is_known_miss = node["known"].as<std::string>("") == "miss";
    CaseReader reader{*out.texts};
    reader.read_texts(node, out.request);
    return out;
  }

 private:
  explicit CaseReader(std::deque<std::string>& texts) : texts_(texts) {}

  std::string_view text(const YAML::Node& node) {
    std::string& out = texts_.emplace_back(node && node.IsScalar() ? node.Scalar() : std::string());
    constexpr std::string_view kBreak = "¦";
    for (size_t at = out.find(kBreak); at != std::string::npos; at = out.find(kBreak, at)) out.erase(at, kBreak.size());
    return out;
  }
  std::vector<std::string_view> list(const YAML::Node& node) {
    std::vector<std::string_view> out;
    for (const auto& item : node) out.push_back(text(item));
    return out;
  }

  void read_texts(const YAML::Node& node, ReviewedRequest& request) {
    request.system = text(node["system"]);
    request.question = text(node["question"]);
    request.conversation = list(node["conversation"]);
    request.answers = list(node["answers"]);
    if (node["answer"]) request.answers.push_back(text(node["answer"]));
    request.tool_results = list(node["tool_results"]);
    for (const auto& document : node["documents"])
      request.documents.push_back(document.IsScalar()
                                      ? ReviewedDocument{.id = {}, .title = {}, .url = {}, .text = text(document)}
                                      : ReviewedDocument{.id = text(document["id"]),
                                                         .title = text(document["title"]),
                                                         .url = text(document["url"]),
                                                         .text = text(document["text"])});
    for (const auto& call : node["tool_calls"])
      request.tool_calls.push_back({.name = text(call["name"]), .arguments = text(call["arguments"])});
    for (const auto& tool : node["tools"])
      request.tools.push_back({.name = text(tool["name"]), .schema = text(tool["schema"])});
    request.schema = text(node["schema"]);
    request.is_json_expected = node["json"].as<bool>(false);
    request.language = text(node["language"]);
  }

  static Validation::Outcome outcome_named(const std::string& name) {
    if (name == "fails") return Validation::Outcome::failed;
    if (name == "passes") return Validation::Outcome::passed;
    if (name == "not applicable") return Validation::Outcome::not_applicable;
    throw std::invalid_argument("no verdict: " + name);
  }

  std::deque<std::string>& texts_;
};

}  // namespace cases_detail

/// All cases of the repository, by file and in their order.
inline std::vector<ValidatorCase> read_validator_cases() {
  const std::string folder = std::string(TIDEWATCH_SOURCE_DIR) + "/tests/unit/stream/evaluate/validators/cases";
  std::set<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) files.insert(file.path());
  std::vector<ValidatorCase> out;
  for (const auto& file : files)
    for (const auto& group : YAML::LoadFile(file.string()))
      for (const auto& node : group["cases"])
        out.push_back(cases_detail::CaseReader::read(group, node, file.filename().string()));
  return out;
}

}  // namespace tidewatch
