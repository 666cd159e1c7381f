#include "tests/sim/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>

namespace tidewatch {

std::vector<std::string> outcome(const LocalRunner& runner) {
  std::vector<std::string> out;
  for (const Stream stream : {Stream::quality_scores, Stream::alerts, Stream::incidents, Stream::changes,
                              Stream::rollouts, Stream::dead_letter})
    for (const auto& record : runner.records(stream))
      out.push_back(fmt::format("{} {} {}", name_of(stream), record.key, record.value));
  std::map<std::string, std::string> latest;
  for (const auto& record : runner.records(Stream::alerts_state)) latest[record.key] = record.value;
  for (const auto& [key, value] : latest) out.push_back(fmt::format("alerts_state {} {}", key, value));
  for (const char* stage : {"detect", "alert"})
    for (const auto& [key, value] : runner.state(stage))
      out.push_back(fmt::format("state {}/{} {}", stage, key, value));
  std::sort(out.begin(), out.end());
  return out;
}

void run_disturbed(LocalRunner& runner, uint64_t seed) {
  std::mt19937_64 random(seed ^ 0x9E3779B97F4A7C15ULL);
  for (int i = 0; i < 60; ++i) {
    const size_t task = random() % runner.tasks();
    const size_t records = 1 + random() % 80;
    if (random() % 4 == 0)
      runner.crash(task, records);
    else
      runner.step(task, records);
  }
  runner.run(1 + random() % 200);
}

std::string difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> only_a;
  std::vector<std::string> only_b;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
  if (only_a.empty() && only_b.empty()) return a == b ? "" : "the same outputs, another number of times";
  const std::string& mine = only_a.empty() ? only_b.front() : only_a.front();
  const std::string& other = only_b.empty() ? only_a.front() : only_b.front();
  const size_t same =
      static_cast<size_t>(std::mismatch(mine.begin(), mine.end(), other.begin(), other.end()).first - mine.begin());
  const size_t from = same > 200 ? same - 200 : 0;
  return fmt::format("{} outputs only disturbed, {} only undisturbed; the first\n{}\n...{}\n...{}", only_a.size(),
                     only_b.size(), mine.substr(0, 80), mine.substr(from, 400), other.substr(from, 400));
}

}  // namespace tidewatch
