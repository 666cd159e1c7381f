#include "stream/evaluate/hallucination/claim_evidence.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>

namespace tidewatch {
namespace {

constexpr size_t kMaxTerms = 64;
/// What the question's words count where the passage is chosen: enough to choose between places of the same answer.
constexpr double kQuestionPart = 0.3;
/// A cue needs a passage that speaks of the same.
constexpr double kSameMatter = 0.5;

/// The order of ClaimEvidence::kNames.
enum Evidence : size_t {
  kMissing,
  kMissingNames,
  kMissingNumbers,
  kElsewhere,
  kBroken,
  kOffQuestion,
  kAddsNothing,
  kDenied,
  kOpposed,
  kOtherNumber,
  kNoPassage,
};

/// A share of weights; 0 of nothing.
struct Share {
  double part = 0;
  double all = 0;
  void add(double weight, double share) {
    part += weight * share;
    all += weight;
  }
  double value() const { return all > 0 ? part / all : 0; }
};

/// Two neighbouring sentences, the second of which may not exist.
struct Passage {
  size_t first = 0;
  double of_question = 0;  ///< weight of the question's words in it
};

class Examination {
 public:
  Examination(const std::vector<Term>& claim, const std::vector<Term>& question, const ContextIndex& context)
      : question_(question), context_(context) {
    absl::flat_hash_set<uint64_t> asked;
    for (const Term& term : question) asked.insert(term.stem);
    for (const Term& term : claim)
      if (!asked.contains(term.stem)) added_.push_back(term);
    adds_nothing_ = added_.empty();
    if (adds_nothing_) added_ = claim;
    find_passage();
  }

  ExaminedClaim run() {
    ExaminedClaim out;
    auto& values = out.evidence.values;
    values[kAddsNothing] = adds_nothing_ ? 1 : 0;
    look_for_words(out);
    values[kBroken] = broken();
    if (!passage_) {
      values[kNoPassage] = 1;
      return out;
    }
    out.passage = context_.sentence(passage_->first);
    if (passage_->first + 1 < context_.size()) out.passage += " " + context_.sentence(passage_->first + 1);
    if (best_of_question_ > 0) values[kOffQuestion] = 1 - passage_->of_question / best_of_question_;
    values[kOtherNumber] = has_other_number() ? 1 : 0;
    return out;
  }

  /// The sentence of the passage that says more of the claim; nothing unless it speaks of the same matter.
  std::optional<size_t> same_matter() const {
    if (!passage_) return std::nullopt;
    const auto share_in = [this](size_t sentence) {
      Share share;
      for (const Term& term : added_) share.add(context_.weight(term), is_in(term, sentence) ? 1 : 0);
      for (const Term& term : question_)
        share.add(kQuestionPart * context_.weight(term), is_in(term, sentence) ? 1 : 0);
      return share.value();
    };
    const size_t first = passage_->first;
    const bool second_is_better = first + 1 < context_.size() && share_in(first + 1) > share_in(first);
    const size_t best = second_is_better ? first + 1 : first;
    if (share_in(best) < kSameMatter) return std::nullopt;
    return best;
  }

 private:
  bool is_in(const Term& term, size_t sentence) const {
    const auto places = context_.places(term);
    return std::binary_search(places.begin(), places.end(), static_cast<uint32_t>(sentence));
  }
  bool is_in_passage(const Term& term) const {
    return is_in(term, passage_->first) || is_in(term, passage_->first + 1);
  }

  void find_passage() {
    // Weight of claim and question in the pair that begins with a sentence: a term of both sentences counts once.
    absl::flat_hash_map<uint32_t, std::pair<double, double>> pairs;
    const auto add = [&](const Term& term, double weight, bool is_of_claim) {
      uint32_t done = 0;  // one past the last pair that has the term
      for (const uint32_t place : context_.places(term)) {
        for (uint32_t begin = std::max(done, place == 0 ? 0 : place - 1); begin <= place; ++begin)
          (is_of_claim ? pairs[begin].first : pairs[begin].second) += weight;
        done = place + 1;
      }
    };
    for (const Term& term : added_) add(term, context_.weight(term), true);
    const bool has_support = !pairs.empty();
    for (const Term& term : question_) add(term, context_.weight(term), false);
    double best = 0;
    for (const auto& [begin, weights] : pairs) {
      best_of_question_ = std::max(best_of_question_, weights.second);
      const double worth = weights.first + kQuestionPart * weights.second;
      if (!has_support || worth < best || (worth == best && passage_ && begin > passage_->first)) continue;
      best = worth;
      passage_ = Passage{begin, weights.second};
    }
  }

  void look_for_words(ExaminedClaim& out) const {
    Share missing;
    Share names;
    Share numbers;
    Share elsewhere;
    for (const Term& term : added_) {
      const double weight = context_.weight(term);
      const double absent = 1 - context_.likeness(term);
      missing.add(weight, absent);
      if (term.kind == TermKind::name) names.add(1, absent);
      if (term.kind == TermKind::number) numbers.add(1, absent);
      if (passage_) elsewhere.add(weight, absent < 1 && context_.has(term) && !is_in_passage(term) ? 1 : 0);
      if (absent == 1 && std::find(out.missing.begin(), out.missing.end(), term.text) == out.missing.end())
        out.missing.push_back(term.text);
    }
    out.weight = missing.all;
    auto& values = out.evidence.values;
    values[kMissing] = missing.value();
    values[kMissingNames] = names.value();
    values[kMissingNumbers] = numbers.value();
    values[kElsewhere] = elsewhere.value();
  }

  /// Of a single term: whether it is missing.
  double broken() const {
    if (added_.size() == 1) return context_.has(added_[0]) ? 0 : 1;
    double broken = 0;
    for (size_t i = 0; i + 1 < added_.size(); ++i) broken += context_.are_neighbours(added_[i], added_[i + 1]) ? 0 : 1;
    return broken / static_cast<double>(added_.size() - 1);
  }

  bool has_other_number() const {
    const bool is_missing = std::any_of(added_.begin(), added_.end(), [this](const Term& term) {
      return term.kind == TermKind::number && !is_in_passage(term);
    });
    if (!is_missing) return false;
    const auto has_number = [this](size_t sentence) {
      if (sentence >= context_.size()) return false;
      const auto& words = context_.words(sentence);
      return std::any_of(words.begin(), words.end(), [](const Word& word) { return word.is_number(); });
    };
    return has_number(passage_->first) || has_number(passage_->first + 1);
  }

  const std::vector<Term>& question_;
  const ContextIndex& context_;
  std::vector<Term> added_;
  bool adds_nothing_ = false;
  std::optional<Passage> passage_;
  double best_of_question_ = 0;
};

}  // namespace

std::optional<ExaminedClaim> examine_claim(const std::string& claim, const std::vector<Term>& question,
                                           const ContextIndex& context, const Contradictions& contradictions,
                                           const Languages& languages) {
  const auto words = words_of(claim, claim.size());
  // An answer is mostly too short to tell its language, and mostly in that of its documents.
  std::string language = languages.detect(words).code;
  if (language.empty()) language = context.language();
  auto terms = terms_of(words, languages, language);
  if (terms.empty()) return std::nullopt;
  if (terms.size() > kMaxTerms) terms.resize(kMaxTerms);
  Examination examination(terms, question, context);
  ExaminedClaim out = examination.run();
  if (const auto sentence = examination.same_matter()) {
    const auto& source = context.words(*sentence);
    out.evidence.values[kDenied] = contradictions.denies(words) != contradictions.denies(source) ? 1 : 0;
    out.evidence.values[kOpposed] = contradictions.are_opposed(words, source) ? 1 : 0;
  }
  return out;
}

}  // namespace tidewatch
