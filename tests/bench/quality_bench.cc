// How far the checks for invented answers carry (docs/hallucination.md): AUC, precision and recall of each on HaluEval,
// thresholds chosen on one half of the questions and reported on the other; the rate of invented answers from 100
// labels and all scores against the labels alone; what the grounded check costs.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "detectors/estimate/prediction_powered.h"
#include "stream/evaluate/hallucination/grounded_check.h"
#include "stream/signals/groundedness.h"
#include "stream/signals/words.h"
#include "tests/unit/stream/evaluate/hallucination/halueval.h"

namespace tidewatch {
namespace {

std::string labels(const std::string& name) { return std::string(TIDEWATCH_SHARED_DIR) + "/samples/labels/" + name; }

/// An answer as one method sees it: the higher, the more it is suspected.
struct Suspicion {
  double value = 0;
  bool is_invented = false;
  size_t words = 0;
};
using Suspicions = std::vector<Suspicion>;
using Method = std::function<std::optional<double>(const LabelledClaim&)>;

struct NamedMethod {
  std::string name;
  Method suspicion;
};

double overlap(const LabelledClaim& row) {
  const auto known = words_of(row.knowledge, row.knowledge.size());
  const auto said = words_of(row.answer);
  const auto found = std::count_if(said.begin(), said.end(), [&](const Word& word) {
    return std::any_of(known.begin(), known.end(), [&](const Word& other) { return other.text == word.text; });
  });
  return said.empty() ? 0 : static_cast<double>(found) / static_cast<double>(said.size());
}

/// Longest common subsequence of words over the answer's words (the precision of ROUGE-L; Lin 2004).
double rouge_l(const LabelledClaim& row) {
  const auto known = words_of(row.knowledge, row.knowledge.size());
  const auto said = words_of(row.answer);
  std::vector<size_t> longest(known.size() + 1, 0);
  for (const Word& word : said) {
    size_t diagonal = 0;
    for (size_t j = 0; j < known.size(); ++j) {
      const size_t above = longest[j + 1];
      longest[j + 1] = known[j].text == word.text ? diagonal + 1 : std::max(above, longest[j]);
      diagonal = above;
    }
  }
  return said.empty() ? 0 : static_cast<double>(longest.back()) / static_cast<double>(said.size());
}

/// Share of the numbers that the knowledge does not have; 0 without numbers.
double wrong_numbers(const LabelledClaim& row) {
  const auto known = words_of(row.knowledge, row.knowledge.size());
  double all = 0;
  double missing = 0;
  for (const Word& word : words_of(row.answer)) {
    if (!word.is_number()) continue;
    ++all;
    if (std::none_of(known.begin(), known.end(), [&](const Word& other) { return other.text == word.text; })) ++missing;
  }
  return all > 0 ? missing / all : 0;
}

std::vector<NamedMethod> methods(const Languages& languages, const GroundedCheck& check) {
  const auto grounded_without = [&](const LabelledClaim& row) { return check.check(row.answer, {row.knowledge}, ""); };
  return {
      {"number of words alone",
       [](const LabelledClaim& row) { return static_cast<double>(words_of(row.answer).size()); }},
      {"numbers alone", [](const LabelledClaim& row) { return wrong_numbers(row); }},
      {"unigram overlap", [](const LabelledClaim& row) { return 1 - overlap(row); }},
      {"ROUGE-L precision", [](const LabelledClaim& row) { return 1 - rouge_l(row); }},
      {"groundedness (observe)",
       [&](const LabelledClaim& row) -> std::optional<double> {
         const auto share = groundedness(row.answer, {row.knowledge}, languages);
         if (!share) return std::nullopt;
         return 1 - *share;
       }},
      {"grounded check, no question",
       [=](const LabelledClaim& row) -> std::optional<double> {
         const auto grounded = grounded_without(row);
         if (!grounded) return std::nullopt;
         return 1 - grounded->support;
       }},
      {"grounded check",
       [&](const LabelledClaim& row) -> std::optional<double> {
         const auto grounded = check.check(row.answer, {row.knowledge}, row.question);
         if (!grounded) return std::nullopt;
         return 1 - grounded->support;
       }},
  };
}

struct Pairs {
  double wins = 0;
  double all = 0;
  double share() const { return wins / all; }
};

Pairs pairs_of(const Suspicions& answers, const std::function<bool(const Suspicion&, const Suspicion&)>& are_matched) {
  Pairs out;
  for (const Suspicion& invented : answers) {
    if (!invented.is_invented) continue;
    for (const Suspicion& right : answers) {
      if (right.is_invented || !are_matched(invented, right)) continue;
      out.wins += invented.value > right.value ? 1 : invented.value == right.value ? 0.5 : 0;
      ++out.all;
    }
  }
  return out;
}

Pairs auc(const Suspicions& answers) {
  return pairs_of(answers, [](const Suspicion&, const Suspicion&) { return true; });
}
/// Among right and invented answers of as many words: length can say nothing.
Pairs auc_of_equal_length(const Suspicions& answers) {
  return pairs_of(answers, [](const Suspicion& a, const Suspicion& b) { return a.words == b.words; });
}

/// 95 % interval by resampling questions (both answers of each together), fixed seed.
Interval resampled(const std::vector<Suspicions>& questions, const std::function<Pairs(const Suspicions&)>& statistic) {
  std::mt19937 random(1);
  std::vector<double> values;
  for (int round = 0; round < 1000; ++round) {
    Suspicions answers;
    for (size_t i = 0; i < questions.size(); ++i) {
      const auto& drawn = questions[random() % questions.size()];
      answers.insert(answers.end(), drawn.begin(), drawn.end());
    }
    const Pairs pairs = statistic(answers);
    if (pairs.all > 0) values.push_back(pairs.share());
  }
  std::sort(values.begin(), values.end());
  return {values[values.size() * 25 / 1000], values[values.size() * 975 / 1000]};
}

Suspicions all_of(const std::vector<Suspicions>& questions) {
  Suspicions out;
  for (const auto& each : questions) out.insert(out.end(), each.begin(), each.end());
  return out;
}

struct Told {
  double hits = 0, false_alarms = 0, misses = 0, rest = 0;
  double precision() const { return hits / (hits + false_alarms); }
  double recall() const { return hits / (hits + misses); }
  double balanced() const { return (recall() + rest / (rest + false_alarms)) / 2; }
};

Told told(const Suspicions& answers, double threshold) {
  Told out;
  for (const Suspicion& answer : answers) {
    const bool says = answer.value > threshold;
    (answer.is_invented ? says ? out.hits : out.misses : says ? out.false_alarms : out.rest) += 1;
  }
  return out;
}

/// The threshold with the best mean of recall and specificity.
double best_threshold(const Suspicions& answers) {
  double best = 0;
  double out = 0;
  for (const Suspicion& answer : answers) {
    const double found = told(answers, answer.value).balanced();
    if (found > best || (found == best && answer.value < out)) {
      best = found;
      out = answer.value;
    }
  }
  return out;
}

/// Rows of a half by question: those that every method can judge, so that all are asked the same.
struct Half {
  std::vector<std::vector<const LabelledClaim*>> questions;
  size_t answers = 0;
  size_t judged = 0;
};

Half half_of(const std::vector<LabelledClaim>& rows, bool is_for_training, const std::vector<NamedMethod>& methods) {
  Half out;
  for (size_t i = 0; i + 1 < rows.size(); i += 2) {
    if (rows[i].is_for_training != is_for_training) continue;
    std::vector<const LabelledClaim*> judged;
    for (const size_t at : {i, i + 1})
      if (std::all_of(methods.begin(), methods.end(),
                      [&](const NamedMethod& method) { return method.suspicion(rows[at]).has_value(); }))
        judged.push_back(&rows[at]);
    out.answers += 2;
    out.judged += judged.size();
    if (!judged.empty()) out.questions.push_back(std::move(judged));
  }
  return out;
}

std::vector<Suspicions> seen_by(const Method& method, const Half& half) {
  std::vector<Suspicions> out;
  for (const auto& question : half.questions) {
    Suspicions& answers = out.emplace_back();
    for (const LabelledClaim* row : question)
      answers.push_back({*method(*row), row->is_invented, words_of(row->answer).size()});
  }
  return out;
}

void print_methods(const std::vector<LabelledClaim>& rows, const std::vector<NamedMethod>& methods) {
  const Half chosen_on = half_of(rows, true, methods);
  const Half reported = half_of(rows, false, methods);
  fmt::print("HaluEval QA: {} answers to choose on ({} judged), {} to report on ({} judged)\n", chosen_on.answers,
             chosen_on.judged, reported.answers, reported.judged);
  fmt::print("{:28} {:>21} {:>28} {:>9} {:>9} {:>6} {:>8}\n", "method", "AUC", "AUC of equal length (pairs)",
             "threshold", "precision", "recall", "balanced");
  for (const auto& [name, suspicion] : methods) {
    const auto questions = seen_by(suspicion, reported);
    const Suspicions answers = all_of(questions);
    const auto all = resampled(questions, auc);
    const auto equal = resampled(questions, auc_of_equal_length);
    const double threshold = best_threshold(all_of(seen_by(suspicion, chosen_on)));
    const Told found = told(answers, threshold);
    const Pairs matched = auc_of_equal_length(answers);
    fmt::print("{:28} {:.3f} ({:.3f} to {:.3f}) {:.3f} ({:.3f} to {:.3f}; {:4}) {:9.3f} {:9.3f} {:6.3f} {:8.3f}\n",
               name, auc(answers).share(), all.low, all.high, matched.share(), equal.low, equal.high, matched.all,
               threshold, found.precision(), found.recall(), found.balanced());
  }
}

/// Answers of one claim count or several: what is found in answers that are sentences, right and invented.
void print_sentences(const std::vector<LabelledClaim>& rows, const std::vector<NamedMethod>& methods) {
  constexpr size_t kSentence = 5;
  fmt::print("\nanswers of {} words and more, where right answers are sentences, too\n", kSentence);
  const Half reported = half_of(rows, false, methods);
  for (const auto& [name, suspicion] : methods) {
    Suspicions answers = all_of(seen_by(suspicion, reported));
    std::erase_if(answers, [](const Suspicion& each) { return each.words < kSentence; });
    const auto invented =
        std::count_if(answers.begin(), answers.end(), [](const auto& each) { return each.is_invented; });
    fmt::print("{:28} {:.3f} ({} right, {} invented)\n", name, auc(answers).share(),
               answers.size() - static_cast<size_t>(invented), invented);
  }
}

/// Each answer behind its question ("<question>: <answer>"), as services' answers often take it up. Of HaluEval's only
/// the invented ones do, so that a check that minds such words finds them by their manner.
void print_restated(const std::vector<LabelledClaim>& as_written, const std::vector<NamedMethod>& methods) {
  auto rows = as_written;
  for (LabelledClaim& row : rows) {
    std::string question = row.question;
    std::erase(question, '?');
    row.answer = question + ": " + row.answer;
  }
  fmt::print("\nanswers that take up the question first\n");
  const Half reported = half_of(rows, false, methods);
  for (const auto& [name, suspicion] : methods) {
    const auto questions = seen_by(suspicion, reported);
    const auto interval = resampled(questions, auc);
    // With the threshold for answers as they are written: what happens when the manner of answers changes.
    const Told found =
        told(all_of(questions), best_threshold(all_of(seen_by(suspicion, half_of(as_written, true, methods)))));
    fmt::print("{:28} {:.3f} ({:.3f} to {:.3f}) precision {:.3f}, recall {:.3f}, balanced {:.3f}\n", name,
               auc(all_of(questions)).share(), interval.low, interval.high, found.precision(), found.recall(),
               found.balanced());
  }
}

struct Draws {
  double coverage = 0, coverage_alone = 0, width = 0, width_alone = 0, bias = 0, gain = 0;
};

/// Labels 100 answers drawn at random, again and again. The rate that is to be covered is that of the process: each
/// round draws `items` answers with replacement from all, then the labelled ones from them.
Draws draw(const Suspicions& answers, size_t items, size_t labels) {
  constexpr int kRounds = 10'000;
  std::mt19937_64 random(1);
  double rate = 0;
  for (const Suspicion& answer : answers) rate += answer.is_invented ? 1.0 : 0.0;
  rate /= static_cast<double>(answers.size());
  Draws out;
  for (int round = 0; round < kRounds; ++round) {
    double sum = 0;
    std::vector<LabelledItem> labelled;
    for (size_t i = 0; i < items; ++i) {
      const Suspicion& item = answers[random() % answers.size()];
      sum += item.value;
      if (i < labels) labelled.push_back({item.is_invented ? 1.0 : 0.0, item.value, {}});
    }
    const auto n = static_cast<double>(items);
    const auto found = *prediction_powered(labelled, {n, sum / n}, Estimand::rate);
    out.coverage += found.interval.contains(rate) ? 1.0 / kRounds : 0;
    out.coverage_alone += found.labels_alone_interval.contains(rate) ? 1.0 / kRounds : 0;
    out.width += found.interval.width() / kRounds;
    out.width_alone += found.labels_alone_interval.width() / kRounds;
    out.bias += (found.value - rate) / kRounds;
    out.gain += found.gain / kRounds;
  }
  return out;
}

void print_draws(const std::string& name, const Suspicions& answers) {
  constexpr size_t kItems = 2'000;
  constexpr size_t kLabels = 100;
  const Draws found = draw(answers, kItems, kLabels);
  fmt::print("{:46} {:.3f} ({:5.1f} %)   {:.3f} ({:5.1f} %)   {:5.2f}   {:+.4f}\n", name, found.width_alone,
             100 * found.coverage_alone, found.width, 100 * found.coverage, found.gain, found.bias);
}

/// Answers of which `share` are invented: each invented one taken as often as that needs, out of 1,000 copies.
Suspicions with_rate(const Suspicions& answers, double share) {
  Suspicions right;
  Suspicions invented;
  for (const Suspicion& answer : answers) (answer.is_invented ? invented : right).push_back(answer);
  Suspicions out;
  constexpr size_t kAnswers = 100'000;
  for (size_t i = 0; i < kAnswers; ++i) {
    const bool is_invented = static_cast<double>(i) < share * static_cast<double>(kAnswers);
    const Suspicions& from = is_invented ? invented : right;
    out.push_back(from[i % from.size()]);
  }
  return out;
}

/// ChatGPT's answers without retrieved documents: the question in their place.
Suspicions general_answers(const GroundedCheck& check, size_t& judged) {
  std::ifstream in(labels("halueval_general.jsonl"));
  Suspicions out;
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    const auto answer = row["chatgpt_response"].get<std::string>();
    const auto grounded = check.check(answer, {row["user_query"].get<std::string>()}, "");
    judged += grounded ? 1 : 0;
    out.push_back({grounded ? 1 - grounded->support : 0, row["hallucination"].get<std::string>() == "yes",
                   words_of(answer).size()});
  }
  return out;
}

void print_rates(const std::vector<LabelledClaim>& rows, const std::vector<NamedMethod>& methods,
                 const GroundedCheck& check) {
  fmt::print("\nrate of invented answers, 95 % intervals: 2,000 answers scored, 100 of them labelled; 10,000 draws\n");
  fmt::print("{:46} {:18} {:18} {:>5}   {}\n", "", "labels alone", "with all scores", "gain", "bias");
  const Half reported = half_of(rows, false, methods);
  for (const auto& [name, suspicion] : methods) print_draws("QA, " + name, all_of(seen_by(suspicion, reported)));
  const Suspicions grounded = all_of(seen_by(methods.back().suspicion, reported));
  for (const double share : {0.2, 0.1, 0.05})
    print_draws(fmt::format("QA, grounded check, {:.0f} % invented", 100 * share), with_rate(grounded, share));
  size_t judged = 0;
  const Suspicions general = general_answers(check, judged);
  Suspicions lengths = general;
  for (Suspicion& answer : lengths) answer.value = static_cast<double>(answer.words);
  print_draws("general (no documents), question as document", general);
  fmt::print("general: {} answers, {} judged; AUC {:.3f}; of the number of words alone {:.3f}\n", general.size(),
             judged, auc(general).share(), auc(lengths).share());
}

void of_halueval(benchmark::State& state, const std::function<void(const LabelledClaim&)>& look) {
  const auto rows = read_halueval_qa(labels("halueval_qa.jsonl"));
  for (auto _ : state)
    for (const auto& row : rows) look(row);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows.size()));
}
void cheap_groundedness(benchmark::State& state) {
  const auto languages = Languages::embedded();
  of_halueval(state, [&](const LabelledClaim& row) {
    benchmark::DoNotOptimize(groundedness(row.answer, {row.knowledge}, languages));
  });
}
void grounded_check(benchmark::State& state) {
  const GroundedCheck check;
  of_halueval(state, [&](const LabelledClaim& row) {
    benchmark::DoNotOptimize(check.check(row.answer, {row.knowledge}, row.question));
  });
}
/// A long answer (the beginning of ChatGPT's answers) against so many kB of documents.
void grounded_check_long(benchmark::State& state) {
  const GroundedCheck check;
  std::vector<std::string> documents;
  for (size_t bytes = 0; const auto& row : read_halueval_qa(labels("halueval_qa.jsonl"))) {
    if (bytes >= static_cast<size_t>(state.range(0)) * 1024) break;
    documents.push_back(row.knowledge);
    bytes += row.knowledge.size();
  }
  std::ifstream in(labels("halueval_general.jsonl"));
  std::string answer;
  for (std::string line; answer.size() < 1000 && std::getline(in, line);)
    answer += nlohmann::json::parse(line)["chatgpt_response"].get<std::string>() + "\n";
  for (auto _ : state) benchmark::DoNotOptimize(check.check(answer, documents, "Who won?"));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(cheap_groundedness);
BENCHMARK(grounded_check);
BENCHMARK(grounded_check_long)->Arg(4)->Arg(16)->Arg(64)->Unit(benchmark::kMicrosecond);

void print_all() {
  const auto languages = Languages::embedded();
  const GroundedCheck check;
  const auto all = methods(languages, check);
  const auto rows = read_halueval_qa(labels("halueval_qa.jsonl"));
  print_methods(rows, all);
  print_sentences(rows, all);
  print_restated(rows, all);
  print_rates(rows, all, check);
}

}  // namespace
}  // namespace tidewatch

int main(int argc, char** argv) {
  if (std::string_view(TIDEWATCH_SHARED_DIR).empty()) {
    fmt::print("the labelled answers are not here: set TIDEWATCH_SHARED\n");
    return 1;
  }
  tidewatch::print_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
