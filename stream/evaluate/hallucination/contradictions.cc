#include "stream/evaluate/hallucination/contradictions.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <string>

#include "schemas/embedded.h"
#include "stream/evaluate/hallucination/terms.h"
#include "stream/signals/stem.h"

namespace tidewatch {
namespace {

uint64_t stem_key(const std::string& text) {
  const auto words = words_of(text);
  return words.empty() ? 0 : term_key(stem_of(words.front()));
}

absl::flat_hash_set<uint64_t> stems_of(const std::vector<Word>& words) {
  absl::flat_hash_set<uint64_t> out;
  for (const Word& word : words) out.insert(term_key(stem_of(word)));
  return out;
}

}  // namespace

Result<Contradictions> Contradictions::parse(const std::vector<std::pair<std::string_view, std::string_view>>& files) {
  Contradictions out;
  for (const auto& [name, content] : files) {
    try {
      const YAML::Node table = YAML::Load(std::string(content));
      for (const auto& word : table["negations"]) out.negations_.insert(term_key(word.as<std::string>()));
      for (const auto& pair : table["antonyms"]) {
        const auto words = pair.as<std::vector<std::string>>();
        if (words.size() != 2)
          return Error{"bad_contradictions", fmt::format("{}: antonyms are pairs, not {} words", name, words.size())};
        const uint64_t first = stem_key(words[0]);
        const uint64_t second = stem_key(words[1]);
        if (first == second)
          return Error{"bad_contradictions", fmt::format("{}: {} and {} have the same stem and cannot be told apart",
                                                         name, words[0], words[1])};
        out.antonyms_[first].push_back(second);
        out.antonyms_[second].push_back(first);
      }
    } catch (const YAML::Exception& error) {
      return Error{"bad_contradictions", fmt::format("{}: {}", name, error.what())};
    }
  }
  return out;
}

Contradictions Contradictions::embedded() {
  const auto files = embedded_contradictions();
  return std::move(parse({files.begin(), files.end()}).value());
}

bool Contradictions::denies(const std::vector<Word>& words) const {
  return std::any_of(words.begin(), words.end(),
                     [this](const Word& word) { return negations_.contains(term_key(word.text)); });
}

bool Contradictions::are_opposed(const std::vector<Word>& claim, const std::vector<Word>& source) const {
  const auto said = stems_of(claim);
  const auto known = stems_of(source);
  return std::any_of(said.begin(), said.end(), [&](uint64_t word) {
    const auto found = antonyms_.find(word);
    if (found == antonyms_.end() || known.contains(word)) return false;
    return std::any_of(found->second.begin(), found->second.end(),
                       [&](uint64_t opposite) { return known.contains(opposite) && !said.contains(opposite); });
  });
}

}  // namespace tidewatch
