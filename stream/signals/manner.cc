#include "stream/signals/manner.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "detectors/core/check.h"
#include "schemas/embedded.h"

namespace tidewatch {
namespace {

constexpr size_t kSentences = 12;
constexpr size_t kBeginning = 3;  ///< sentences in which an answer begins

double position_weight(size_t sentence) { return sentence < 2 ? 1 : sentence < 5 ? 0.5 : 0.25; }

/// Where the parts that speak for an answer begin in Manner::kNames.
constexpr size_t kAnswer = 9;
static_assert(Manner::kNames[kAnswer] == "correction_first");

/// What the sentences of a lecture are, counted.
struct Counts {
  size_t lecturing = 0;
  size_t stances = 0;  ///< from the second sentence on
  double verdicts = 0;
  double redirects = 0;
  bool is_verdict_first = false;
  bool is_stance_first = false;

  void add(const Phrases& phrases, const std::string& sentence, size_t i) {
    if (!phrases.may_lecture(sentence)) return;
    const bool judges = phrases.matches(PhraseKind::verdicts, sentence);
    const bool leads = phrases.matches(PhraseKind::redirects, sentence);
    const bool disapproves =
        phrases.matches(PhraseKind::stances, sentence) && !phrases.matches(PhraseKind::unless, sentence);
    lecturing += judges || leads || disapproves ? 1 : 0;
    stances += disapproves && i > 0 ? 1 : 0;
    verdicts += judges ? position_weight(i) : 0;
    redirects += leads ? position_weight(i) : 0;
    is_verdict_first |= judges && i == 0;
    is_stance_first |= disapproves && i == 0;
  }
};

double as_number(bool is) { return is ? 1 : 0; }

}  // namespace

Manner lecture_of(const Phrases& phrases, const std::vector<std::string>& sentences, const std::string& question) {
  if (sentences.empty()) return {};
  const size_t looked_at = std::min(sentences.size(), kSentences);
  Counts counts;
  // A lecture lectures from its beginning: most answers need no look at their later sentences.
  for (size_t i = 0; i < looked_at && (i < kBeginning || counts.lecturing > 0); ++i)
    counts.add(phrases, sentences[i], i);
  // The question is looked at only when it matters.
  const bool is_asked = counts.verdicts > 0 && phrases.matches(PhraseKind::questions, question);
  const auto warns = [&](size_t i) {
    return i < sentences.size() && phrases.matches(PhraseKind::cautions, sentences[i]) &&
           !phrases.matches(PhraseKind::unless, sentences[i]);
  };
  return {{as_number(warns(0)), as_number(warns(1)), as_number(counts.is_stance_first),
           std::min(1.0, static_cast<double>(counts.stances) / 2), as_number(counts.is_verdict_first && !is_asked),
           as_number(counts.is_verdict_first && is_asked), is_asked ? 0 : std::min(1.0, counts.verdicts / 2.5),
           std::min(1.0, counts.redirects / 2), static_cast<double>(counts.lecturing) / static_cast<double>(looked_at),
           0, 0, 0, 0}};
}

void add_answer(const Phrases& phrases, const std::vector<std::string>& sentences, Manner& manner) {
  if (sentences.empty()) return;
  const size_t looked_at = std::min(sentences.size(), kSentences);
  size_t corrections = 0;
  bool is_corrected_early = false;
  for (size_t i = 0; i < looked_at; ++i) {
    const bool corrects = phrases.matches(PhraseKind::corrections, sentences[i]);
    corrections += corrects ? 1 : 0;
    is_corrected_early |= corrects && i < 2;
  }
  const auto begins = [&](size_t i) {
    return i < sentences.size() && phrases.matches(PhraseKind::beginnings, sentences[i]) &&
           !phrases.matches(PhraseKind::unless, sentences[i]);
  };
  bool begins_later = false;
  for (size_t i = 1; i < kBeginning; ++i) begins_later |= begins(i);
  manner.values[kAnswer] = as_number(is_corrected_early);
  manner.values[kAnswer + 1] = static_cast<double>(corrections) / static_cast<double>(looked_at);
  manner.values[kAnswer + 2] = as_number(begins(0));
  manner.values[kAnswer + 3] = as_number(begins_later);
}

MannerWeights MannerWeights::embedded() {
  const auto files = embedded_weights();
  const auto file =
      std::find_if(files.begin(), files.end(), [](const EmbeddedFile& each) { return each.first == "refusal.yaml"; });
  TW_CHECK(file != files.end(), "no weights of refusals");
  const YAML::Node table = YAML::Load(std::string(file->second));
  MannerWeights out;
  out.bias = table["bias"].as<double>();
  TW_CHECK(table["weights"].size() == Manner::kNames.size(), "weights of refusals and parts of a manner differ");
  for (size_t i = 0; i < Manner::kNames.size(); ++i)
    out.weights[i] = table["weights"][std::string(Manner::kNames[i])].as<double>();
  TW_CHECK(std::all_of(out.weights.begin() + kAnswer, out.weights.end(), [](double weight) { return weight <= 0; }),
           "what speaks for an answer has a weight for declining");
  return out;
}

double MannerWeights::log_odds(const Manner& manner) const {
  double out = bias;
  for (size_t i = 0; i < weights.size(); ++i) out += weights[i] * manner.values[i];
  return out;
}

}  // namespace tidewatch
