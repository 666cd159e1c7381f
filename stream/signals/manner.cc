#include "stream/signals/manner.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "detectors/core/check.h"
#include "schemas/embedded.h"

namespace tidewatch {
namespace {

constexpr size_t kGreetings = 2;
constexpr size_t kSentences = 12;
constexpr size_t kBeginning = 3;  ///< sentences in which a lecture begins
constexpr double kMany = 2.5;     ///< weighted sentences of a kind that count as most of an answer

double position_weight(size_t sentence) { return sentence < 2 ? 1 : sentence < 5 ? 0.5 : 0.25; }

/// Where the parts that speak for an answer begin in Manner::kNames.
constexpr size_t kAnswer = 10;
static_assert(Manner::kNames[kAnswer] == "correction_share");

/// What a sentence does that may belong to a lecture.
struct Said {
  bool warns = false;
  bool disapproves = false;
  bool tells_limit = false;
  bool judges = false;
  bool appeals = false;
  bool leads = false;

  static Said in(const Phrases& phrases, const std::string& sentence) {
    if (!phrases.may_lecture(sentence)) return {};
    const bool is_exception = phrases.matches(PhraseKind::unless, sentence);
    const auto says = [&](PhraseKind kind) { return !is_exception && phrases.matches(kind, sentence); };
    return {says(PhraseKind::cautions),
            says(PhraseKind::stances),
            says(PhraseKind::limits),
            phrases.matches(PhraseKind::verdicts, sentence),
            phrases.matches(PhraseKind::appeals, sentence),
            phrases.matches(PhraseKind::redirects, sentence)};
  }
  bool lectures(bool is_verdict_asked) const {
    return (judges && !is_verdict_asked) || appeals || leads || disapproves;
  }
  bool is_ordinary() const { return !(warns || tells_limit || lectures(false)); }
};

/// The sentences of a lecture, and what the question makes of them.
struct Lecture {
  std::array<Said, kSentences> said{};
  size_t looked_at;
  bool is_ordinary = true;          ///< nothing in its first sentences lectures
  bool is_argument_wanted = false;  ///< the question wants something argued for
  bool is_verdict_asked = false;

  Lecture(const Phrases& phrases, std::span<const std::string> sentences, const std::string& question)
      : looked_at(std::min(sentences.size(), kSentences)) {
    // A lecture lectures from its beginning: most answers need no look at their later sentences.
    for (size_t i = 0; i < looked_at && (i < kBeginning || !is_ordinary); ++i) {
      said[i] = Said::in(phrases, sentences[i]);
      is_ordinary &= said[i].is_ordinary();
    }
    if (is_ordinary) return;
    is_argument_wanted = phrases.matches(PhraseKind::arguments, question);
    is_verdict_asked = !is_argument_wanted && phrases.matches(PhraseKind::questions, question);
  }

  bool any(size_t from, size_t to, bool (*is)(const Said&)) const {
    return std::any_of(said.begin() + static_cast<ptrdiff_t>(from), said.begin() + static_cast<ptrdiff_t>(to), is);
  }
  double sum(bool Said::*part) const {
    double out = 0;
    for (size_t i = 0; i < looked_at; ++i) out += said[i].*part ? position_weight(i) : 0;
    return std::min(1.0, out / kMany);
  }
  double share() const {
    const auto lectures = [this](const Said& each) { return each.lectures(is_verdict_asked); };
    return static_cast<double>(std::count_if(said.begin(), said.end(), lectures)) / static_cast<double>(looked_at);
  }

  bool is_argument_refuted(const Phrases& phrases, std::span<const std::string> sentences) const {
    if (!is_argument_wanted || !any(1, 5, [](const Said& each) { return each.appeals || each.judges; })) return false;
    for (size_t i = 0; i < std::min<size_t>(2, looked_at); ++i) {
      const bool refutes =
          said[i].judges || said[i].disapproves || phrases.matches(PhraseKind::corrections, sentences[i]);
      if (refutes && !phrases.matches(PhraseKind::beginnings, sentences[i])) return true;
    }
    return false;
  }
};

double as_number(bool is) { return is ? 1 : 0; }

}  // namespace

std::span<const std::string> without_greetings(const Phrases& phrases, std::span<const std::string> sentences) {
  size_t greetings = 0;
  while (greetings < kGreetings && greetings + 1 < sentences.size() &&
         phrases.matches(PhraseKind::greetings, sentences[greetings]) && !phrases.says(sentences[greetings]))
    ++greetings;
  return sentences.subspan(greetings);
}

Manner lecture_of(const Phrases& phrases, std::span<const std::string> sentences, const std::string& question) {
  const Lecture lecture(phrases, sentences, question);
  if (lecture.is_ordinary) return {};
  const Said& first = lecture.said.front();
  const bool tells_limit = lecture.any(0, 2, [](const Said& each) { return each.tells_limit; });
  const bool appeals = lecture.any(0, 4, [](const Said& each) { return each.appeals; });
  return {{as_number(first.warns), as_number(first.disapproves), as_number(tells_limit),
           as_number(tells_limit && appeals), as_number(first.judges && !lecture.is_verdict_asked),
           lecture.is_verdict_asked ? 0 : lecture.sum(&Said::judges), lecture.sum(&Said::appeals),
           lecture.sum(&Said::leads), lecture.share(), as_number(lecture.is_argument_refuted(phrases, sentences)), 0, 0,
           0}};
}

void add_answer(const Phrases& phrases, std::span<const std::string> sentences, Manner& manner) {
  if (sentences.empty()) return;
  const auto looked_at = sentences.first(std::min(sentences.size(), kSentences));
  const auto share = [&](PhraseKind kind) {
    const auto count = std::count_if(looked_at.begin(), looked_at.end(),
                                     [&](const std::string& sentence) { return phrases.matches(kind, sentence); });
    return static_cast<double>(count) / static_cast<double>(looked_at.size());
  };
  manner.values[kAnswer] = share(PhraseKind::corrections);
  manner.values[kAnswer + 1] = as_number(phrases.matches(PhraseKind::beginnings, looked_at.front()) &&
                                         !phrases.matches(PhraseKind::unless, looked_at.front()));
  manner.values[kAnswer + 2] = share(PhraseKind::beginnings);
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
