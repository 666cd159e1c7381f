#include "stream/evaluate/hallucination/self_consistency.h"

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stream/evaluate/hallucination/terms.h"
#include "stream/signals/own_text.h"

namespace tidewatch {
namespace {

constexpr double kSharedOfBoth = 0.5;
constexpr double kSharedOfShorter = 0.8;

/// What an answer says, as sets of stems.
struct Said {
  std::vector<Word> words;
  absl::flat_hash_set<uint64_t> content;  ///< with its numbers
  absl::flat_hash_set<uint64_t> numbers;
  bool denies = false;
};

class Comparison {
 public:
  Comparison(const std::vector<std::string>& answers, const std::string& question, const Languages& languages,
             const Contradictions& contradictions)
      : contradictions_(contradictions) {
    const auto asked_words = words_of(question);
    const std::string language = languages.detect(asked_words).code;
    absl::flat_hash_set<uint64_t> asked;
    for (const Term& term : terms_of(asked_words, languages, language)) asked.insert(term.stem);
    for (const std::string& answer : answers) {
      Said said;
      said.words = words_of(without_code_and_tables(answer));
      said.denies = contradictions.denies(said.words);
      const auto terms = terms_of(said.words, languages, language);
      for (const Term& term : terms) {
        if (asked.contains(term.stem)) continue;
        said.content.insert(term.stem);
        if (term.kind == TermKind::number) said.numbers.insert(term.stem);
      }
      // A choice among what the question offers says something all the same.
      if (said.content.empty())
        for (const Term& term : terms) said.content.insert(term.stem);
      said_.push_back(std::move(said));
    }
  }

  bool say_the_same(size_t first, size_t second) const {
    const Said& a = said_[first];
    const Said& b = said_[second];
    if (a.denies != b.denies) return false;
    if (!a.numbers.empty() && !b.numbers.empty() && a.numbers != b.numbers) return false;
    if (contradictions_.are_opposed(a.words, b.words)) return false;
    if (a.content.empty() || b.content.empty()) return a.content.empty() && b.content.empty();
    const auto& shorter = a.content.size() < b.content.size() ? a.content : b.content;
    const auto& longer = a.content.size() < b.content.size() ? b.content : a.content;
    const auto common = static_cast<double>(
        std::count_if(shorter.begin(), shorter.end(), [&](uint64_t stem) { return longer.contains(stem); }));
    const auto both = static_cast<double>(shorter.size() + longer.size());
    return 2 * common / both >= kSharedOfBoth || common / static_cast<double>(shorter.size()) >= kSharedOfShorter;
  }

 private:
  const Contradictions& contradictions_;
  std::vector<Said> said_;
};

/// Joins the groups of two answers under the lower number.
void join(std::vector<size_t>& group, size_t first, size_t second) {
  const size_t keep = std::min(group[first], group[second]);
  const size_t drop = std::max(group[first], group[second]);
  std::replace(group.begin(), group.end(), drop, keep);
}

double entropy_of(const std::vector<size_t>& group) {
  double out = 0;
  for (size_t label = 0; label < group.size(); ++label) {
    const double share =
        static_cast<double>(std::count(group.begin(), group.end(), label)) / static_cast<double>(group.size());
    if (share > 0) out -= share * std::log2(share);
  }
  return out;
}

/// Numbers groups 0, 1, … in order of their first answer.
void number(std::vector<size_t>& group) {
  std::vector<size_t> seen;
  for (size_t& label : group) {
    const auto found = std::find(seen.begin(), seen.end(), label);
    const auto next = static_cast<size_t>(found - seen.begin());
    if (found == seen.end()) seen.push_back(label);
    label = next;
  }
}

}  // namespace

Result<SelfConsistency> self_consistency(const std::vector<std::string>& answers, const std::string& question,
                                         const Languages& languages, const Contradictions& contradictions) {
  if (answers.size() < 2)
    return Error{"bad_samples", fmt::format("{} answers: agreement is of two and more", answers.size())};
  const Comparison comparison(answers, question, languages, contradictions);
  SelfConsistency out;
  out.group.resize(answers.size());
  for (size_t i = 0; i < answers.size(); ++i) out.group[i] = i;
  double same = 0;
  double same_as_first = 0;
  for (size_t i = 0; i < answers.size(); ++i)
    for (size_t j = i + 1; j < answers.size(); ++j) {
      if (!comparison.say_the_same(i, j)) continue;
      ++same;
      same_as_first += i == 0 ? 1 : 0;
      join(out.group, i, j);
    }
  const auto k = static_cast<double>(answers.size());
  out.agreement = same / (k * (k - 1) / 2);
  out.agreement_of_first = same_as_first / (k - 1);
  out.entropy = entropy_of(out.group);
  number(out.group);
  return out;
}

}  // namespace tidewatch
