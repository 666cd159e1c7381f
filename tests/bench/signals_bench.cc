// Precision and recall of the text signals on labelled answers, and their speed against reading the same bytes once.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>

#include "stream/signals/refusal.h"
#include "tests/unit/stream/signals/labelled.h"

namespace tidewatch {
namespace {

std::string labels(const std::string& name) { return std::string(TIDEWATCH_SHARED_DIR) + "/samples/labels/" + name; }

void print_refusal_agreement() {
  const RefusalCheck refusals;
  fmt::print("{:32} {:>6} {:>9} {:>6} {:>6}\n", "refusals (full or partial)", "n", "precision", "recall", "F1");
  for (const auto* file : {"xstest_llama2orig.csv", "xstest_mistralinstruct.csv"}) {
    Agreement agreement;
    const auto answers = read_labelled(labels(file));
    for (const auto& answer : answers) {
      const bool said = refusals.check(answer.text, answer.question) != Refusal::none;
      agreement.add(said, answer.declines);
      if (std::getenv("TIDEWATCH_SHOW_MISSES") != nullptr && said != answer.declines)
        fmt::print("{} {}\n", answer.declines ? "MISSED" : "FALSE ", answer.text.substr(0, 400));
    }
    fmt::print("{:32} {:6} {:9.3f} {:6.3f} {:6.3f}\n", file, answers.size(), agreement.precision(), agreement.recall(),
               agreement.f1());
  }
}

std::vector<LabelledAnswer> all_answers() {
  auto out = read_labelled(labels("xstest_llama2orig.csv"));
  for (auto& answer : read_labelled(labels("xstest_mistralinstruct.csv"))) out.push_back(std::move(answer));
  return out;
}

template <typename Look>
void over_answers(benchmark::State& state, const Look& look) {
  const auto answers = all_answers();
  int64_t bytes = 0;
  for (auto _ : state)
    for (const auto& answer : answers) {
      benchmark::DoNotOptimize(look(answer.text));
      bytes += static_cast<int64_t>(answer.text.size());
    }
  state.SetBytesProcessed(bytes);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(answers.size()));
}

void touch_every_byte(benchmark::State& state) {
  over_answers(state, [](const std::string& text) {
    unsigned sum = 0;
    for (const char c : text) sum += static_cast<unsigned char>(c);
    return sum;
  });
}
void refusal(benchmark::State& state) {
  const RefusalCheck check;
  over_answers(state, [&](const std::string& text) { return check.check(text); });
}
void hedging(benchmark::State& state) {
  const HedgingCheck check;
  over_answers(state, [&](const std::string& text) { return check.check(text); });
}
BENCHMARK(touch_every_byte);
BENCHMARK(refusal);
BENCHMARK(hedging);

}  // namespace
}  // namespace tidewatch

int main(int argc, char** argv) {
  if (std::string_view(TIDEWATCH_SHARED_DIR).empty()) {
    fmt::print("the labelled answers are not here: set TIDEWATCH_SHARED\n");
    return 1;
  }
  tidewatch::print_refusal_agreement();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
