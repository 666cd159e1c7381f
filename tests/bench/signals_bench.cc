// Agreement of the text signals with labels, and the speed of each check against touching every byte of the same texts.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "stream/signals/groundedness.h"
#include "stream/signals/language.h"
#include "stream/signals/refusal.h"
#include "stream/signals/repetition.h"
#include "stream/signals/schema_check.h"
#include "stream/signals/sentences.h"
#include "stream/signals/text_checks.h"
#include "tests/unit/stream/signals/labelled.h"
#include "tests/unit/stream/signals/styled_answers.h"

namespace tidewatch {
namespace {

constexpr auto kTunedOn = "xstest_mistralinstruct.csv";
constexpr auto kNotTunedOn = "xstest_llama2orig.csv";

std::string labels(const std::string& name) { return std::string(TIDEWATCH_SHARED_DIR) + "/samples/labels/" + name; }

/// Half width of the 95 % interval of F1, by resampling answers (fixed seed).
double f1_half_width(const std::vector<std::pair<bool, bool>>& said_and_is) {
  std::mt19937 random(1);
  std::vector<double> values;
  for (int round = 0; round < 1000; ++round) {
    Agreement agreement;
    for (size_t i = 0; i < said_and_is.size(); ++i) {
      const auto& [said, is] = said_and_is[random() % said_and_is.size()];
      agreement.add(said, is);
    }
    values.push_back(agreement.f1());
  }
  std::sort(values.begin(), values.end());
  return (values[974] - values[24]) / 2;
}

template <typename Says>
void print_agreement(const std::string& file, const std::string& method, const Says& says) {
  Agreement agreement;
  std::vector<std::pair<bool, bool>> answers;
  for (const auto& answer : read_labelled(labels(file))) {
    answers.emplace_back(says(answer), answer.declines);
    agreement.add(answers.back().first, answers.back().second);
  }
  fmt::print("{:28} {:28} {:5} {:5} {:9.3f} {:6.3f} {:6.3f} ±{:.3f}\n", file, method, answers.size(),
             agreement.true_positive + agreement.false_negative, agreement.precision(), agreement.recall(),
             agreement.f1(), f1_half_width(answers));
}

/// How many answers of each label are told by what: where the rest is to be looked for.
void print_reasons(const std::string& file) {
  const RefusalCheck refusals;
  std::map<char, std::array<int, 3>> counts;
  for (const auto& answer : read_labelled(labels(file))) {
    const auto reason = refusals.explain(own_sentences(answer.text), answer.question);
    const bool is_outright = reason.kind != RefusalReason::Kind::manner;
    ++counts[answer.label][reason.refusal == Refusal::none ? 2 : is_outright ? 0 : 1];
  }
  for (const auto& [label, by_reason] : counts)
    fmt::print("{:28} label {} ({}): outright {}, by manner {}, not told {}\n", file, label,
               label == '1'   ? "compliance"
               : label == '2' ? "full refusal"
                              : "partial refusal",
               by_reason[0], by_reason[1], by_reason[2]);
}

/// `with_held_out`: also of the file that English is not tuned on. Every look at it makes it a little less untouched.
void print_refusals(bool with_held_out) {
  const RefusalCheck refusals;
  fmt::print("{:28} {:28} {:>5} {:>5} {:>9} {:>6} {:>6}\n", "refusals (full or partial)", "method", "n", "refuse",
             "precision", "recall", "F1");
  for (const auto* file : {kTunedOn, kNotTunedOn}) {
    if (file == kNotTunedOn && !with_held_out) continue;
    print_agreement(file, "answer alone",
                    [&](const auto& answer) { return refusals.check(answer.text) != Refusal::none; });
    print_agreement(file, "answer and question",
                    [&](const auto& answer) { return refusals.check(answer.text, answer.question) != Refusal::none; });
    print_reasons(file);
  }
}

/// Answers written by hand, style by style: the first file weighed the check, the second was not looked at for it.
void print_styles(bool with_held_out) {
  const RefusalCheck refusals;
  for (const auto* file : {"refusal_manners.yaml", "refusal_fresh.yaml"}) {
    if (std::string_view(file) == "refusal_fresh.yaml" && !with_held_out) continue;
    std::map<std::string, Agreement> styles;
    for (const auto& [style, answer] :
         read_styled(fmt::format("{}/tests/unit/stream/signals/{}", TIDEWATCH_SOURCE_DIR, file)))
      styles[style].add(refusals.check(answer.text, answer.question) != Refusal::none, answer.declines);
    for (const auto& [style, agreement] : styles)
      fmt::print("{:28} {:28} {:5} {:5} {:9.3f} {:6.3f} {:6.3f}\n", file, style, agreement.total(),
                 agreement.true_positive + agreement.false_negative, agreement.precision(), agreement.recall(),
                 agreement.f1());
  }
}

/// How often a true answer is at least as grounded in its document as an invented one (ties count half), and both
/// means.
void print_groundedness() {
  const auto languages = Languages::embedded();
  std::ifstream in(labels("halueval_qa.jsonl"));
  double wins = 0;
  double right_sum = 0;
  double wrong_sum = 0;
  int n = 0;
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    const std::vector<std::string> documents{row["knowledge"].get<std::string>()};
    const auto right = groundedness(row["right_answer"].get<std::string>(), documents, languages);
    const auto wrong = groundedness(row["hallucinated_answer"].get<std::string>(), documents, languages);
    if (!right || !wrong) continue;
    wins += *right > *wrong ? 1 : *right == *wrong ? 0.5 : 0;
    right_sum += *right;
    wrong_sum += *wrong;
    ++n;
  }
  fmt::print("groundedness, HaluEval QA: {} pairs; right {:.3f}, invented {:.3f}, right ahead of invented {:.3f}\n", n,
             right_sum / n, wrong_sum / n, wins / n);
}

/// Answers that nothing is wrong with: what is reported of them is mostly false.
void print_ordinary_answers() {
  std::ifstream in(labels("halueval_general.jsonl"));
  int n = 0;
  int loops = 0;
  int english = 0;
  int untold = 0;
  int unsafe = 0;
  int refusals = 0;
  const TextChecks checks;
  for (std::string line; std::getline(in, line); ++n) {
    CallTexts texts;
    texts.answer = nlohmann::json::parse(line)["chatgpt_response"].get<std::string>();
    const auto signals = checks.check(texts);
    loops += signals.repeated_output() ? 1 : 0;
    refusals += signals.refusal() ? 1 : 0;
    unsafe += signals.unsafe() ? 1 : 0;
    english += signals.output_language() == "en" ? 1 : 0;
    untold += signals.output_language().empty() ? 1 : 0;
  }
  fmt::print("HaluEval answers: {}; repeated {}, refusals {}, unsafe {}, English {}, language untold {}\n", n, loops,
             refusals, unsafe, english, untold);
}

std::vector<LabelledAnswer> all_answers() {
  auto out = read_labelled(labels(kTunedOn));
  for (auto& answer : read_labelled(labels(kNotTunedOn))) out.push_back(std::move(answer));
  return out;
}

template <typename Look>
void over_answers(benchmark::State& state, const Look& look) {
  const auto answers = all_answers();
  size_t bytes = 0;
  for (const auto& answer : answers) bytes += answer.text.size();
  for (auto _ : state)
    for (const auto& answer : answers) benchmark::DoNotOptimize(look(answer));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(answers.size()));
}

void touch_every_byte(benchmark::State& state) {
  over_answers(state, [](const LabelledAnswer& answer) {
    unsigned sum = 0;
    for (const char c : answer.text) sum += static_cast<unsigned char>(c);
    return sum;
  });
}
void refusal(benchmark::State& state) {
  const RefusalCheck check;
  over_answers(state, [&](const LabelledAnswer& answer) { return check.check(answer.text, answer.question); });
}
void hedging(benchmark::State& state) {
  const HedgingCheck check;
  over_answers(state, [&](const LabelledAnswer& answer) { return check.check(answer.text); });
}
void repetition(benchmark::State& state) {
  over_answers(state, [](const LabelledAnswer& answer) { return is_repetitive(answer.text); });
}
void language(benchmark::State& state) {
  const auto languages = Languages::embedded();
  over_answers(state, [&](const LabelledAnswer& answer) { return languages.detect(answer.text).confidence; });
}
void grounded_in_itself(benchmark::State& state) {
  const auto languages = Languages::embedded();
  over_answers(state,
               [&](const LabelledAnswer& answer) { return groundedness(answer.text, {answer.text}, languages); });
}
void schema_of_the_answer_as_json(benchmark::State& state) {
  const SchemaCheck check;
  over_answers(state, [&](const LabelledAnswer& answer) {
    return check.is_mismatch(R"({"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}})",
                             nlohmann::json{{"text", answer.text}}.dump());
  });
}
void all_checks(benchmark::State& state) {
  const TextChecks checks;
  over_answers(state, [&](const LabelledAnswer& answer) {
    CallTexts texts;
    texts.question = answer.question;
    texts.answer = answer.text;
    return checks.check(texts).output_chars();
  });
}
BENCHMARK(touch_every_byte);
BENCHMARK(refusal);
BENCHMARK(hedging);
BENCHMARK(repetition);
BENCHMARK(language);
BENCHMARK(grounded_in_itself);
BENCHMARK(schema_of_the_answer_as_json);
BENCHMARK(all_checks);

/// Prints what each check costs as a multiple of touching every byte, in the same run.
class Ratios : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const double ns = run.GetAdjustedCPUTime();
      if (touch_ns_ == 0) touch_ns_ = ns;
      GetOutputStream() << fmt::format("    {:.1f} times touching every byte\n", ns / touch_ns_);
    }
  }

 private:
  double touch_ns_ = 0;
};

}  // namespace
}  // namespace tidewatch

int main(int argc, char** argv) {
  if (std::string_view(TIDEWATCH_SHARED_DIR).empty()) {
    fmt::print("the labelled answers are not here: set TIDEWATCH_SHARED\n");
    return 1;
  }
  // For those who work on the check: `--not-held-out` before any option of the benchmark.
  const bool with_held_out = argc < 2 || std::string_view(argv[1]) != "--not-held-out";
  tidewatch::print_refusals(with_held_out);
  tidewatch::print_styles(with_held_out);
  tidewatch::print_groundedness();
  tidewatch::print_ordinary_answers();
  benchmark::Initialize(&argc, argv);
  tidewatch::Ratios reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
