#include "app/testset/compare_runs.h"

#include <algorithm>
#include <map>
#include <optional>

namespace tidewatch {
namespace {

struct Pairs {
  PairedOutcomes outcomes;
  std::vector<double> before;
  std::vector<double> now;

  void add(const RunVerdict& first, const RunVerdict& second) {
    if (first.passed && second.passed) {
      auto& count = *first.passed ? (*second.passed ? outcomes.both : outcomes.only_first)
                                  : (*second.passed ? outcomes.only_second : outcomes.neither);
      ++count;
    } else if (!first.passed && !second.passed && first.score && second.score) {
      before.push_back(*first.score);
      now.push_back(*second.score);
    }
  }
};

/// Holm's: the p-values in order, each times how many are not smaller, never below the one before.
void adjust(std::vector<ComparedVerdict>& verdicts) {
  std::vector<ComparedVerdict*> by_p;
  by_p.reserve(verdicts.size());
  for (ComparedVerdict& verdict : verdicts) by_p.push_back(&verdict);
  std::stable_sort(by_p.begin(), by_p.end(),
                   [](const auto* a, const auto* b) { return a->found.p_value < b->found.p_value; });
  double least = 0;
  for (size_t i = 0; i < by_p.size(); ++i) {
    least = std::max(least, by_p[i]->found.p_value * static_cast<double>(by_p.size() - i));
    by_p[i]->adjusted_p = std::min(1.0, least);
  }
}

}  // namespace

ComparedRuns compare_runs(const TestRun& before, const TestRun& now) {
  std::map<std::string, const ItemRun*> answered;
  for (const ItemRun& item : before.items)
    if (item.error.empty()) answered.emplace(item.id, &item);
  ComparedRuns out;
  std::map<std::string, Pairs> pairs;
  for (const ItemRun& item : now.items) {
    if (!item.error.empty()) continue;
    const auto then = answered.find(item.id);
    if (then == answered.end()) {
      ++out.only_now;
      continue;
    }
    ++out.shared;
    for (const auto& [name, verdict] : item.verdicts)
      if (const auto first = then->second->verdicts.find(name); first != then->second->verdicts.end())
        pairs[name].add(first->second, verdict);
  }
  out.only_before = answered.size() - out.shared;
  for (const auto& [name, pair] : pairs) {
    if (pair.outcomes.items() >= 2)
      if (const auto found = compare_rates(pair.outcomes))
        out.verdicts.push_back({name, true, pair.outcomes.items(), *found, 1});
    if (const auto found = compare_scores(pair.before, pair.now))
      out.verdicts.push_back({name, false, pair.before.size(), *found, 1});
  }
  adjust(out.verdicts);
  return out;
}

}  // namespace tidewatch
