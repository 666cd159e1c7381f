#include "stream/evaluate/sample_book.h"

#include <algorithm>
#include <tuple>

#include "stream/assemble/request.h"

namespace tidewatch {
namespace {

constexpr uint64_t kBudgetSalt = 1;  ///< ranks of the second sample

bool is_always_chosen(const v1::EvalRequest& request) { return request.rate() >= 1; }

}  // namespace

void SampleBook::offer(v1::EvalRequest request) {
  Period& period = periods_[Timestamp(Duration(request.period_unix_nano()))];
  if (request.outside_sample()) {
    period.outside.push_back(std::move(request));
    return;
  }
  auto& stratum = period.strata.try_emplace(request.stratum(), minimum_).first->second;
  Candidate<v1::EvalRequest> candidate;
  candidate.id = request.trace_id();
  candidate.rank = sampling_rank(candidate.id);
  candidate.rate = request.rate();
  candidate.payload = std::move(request);
  stratum.offer(std::move(candidate));
}

SampledPeriod SampleBook::choose(Timestamp start, Period& period) const {
  SampledPeriod out;
  out.start = start;
  std::vector<ChosenRequest> others;
  for (const auto& [name, stratum] : period.strata)
    for (auto& drawn : stratum.draw()) {
      auto& into = is_always_chosen(drawn.candidate.payload) ? out.chosen : others;
      into.push_back({std::move(drawn.candidate.payload), drawn.probability});
    }
  if (options_.budget_per_hour > 0) {
    const size_t budget = options_.budget();
    const size_t left = std::max(budget - std::min(budget, out.chosen.size()), (budget + 1) / 2);
    if (others.size() > left) {
      out.over_budget = others.size() - left;
      BottomK<ChosenRequest> kept(left);
      for (ChosenRequest& other : others) {
        const std::string id = other.request.trace_id();
        kept.offer({sampling_rank(id, kBudgetSalt), id, 0, std::move(other)});
      }
      others.clear();
      for (auto& drawn : kept.draw()) {
        out.kept = drawn.probability;
        ChosenRequest& chosen = others.emplace_back(std::move(drawn.candidate.payload));
        chosen.probability = *chosen.probability * drawn.probability;
      }
    }
  }
  for (ChosenRequest& other : others) out.chosen.push_back(std::move(other));
  for (v1::EvalRequest& request : period.outside) out.chosen.push_back({std::move(request), std::nullopt});
  const auto order = [](const ChosenRequest& chosen) {
    return std::tuple(chosen.request.stratum(), sampling_rank(chosen.request.trace_id()), chosen.request.trace_id(),
                      chosen.probability.has_value());
  };
  std::sort(out.chosen.begin(), out.chosen.end(),
            [&](const ChosenRequest& a, const ChosenRequest& b) { return order(a) < order(b); });
  return out;
}

std::vector<SampledPeriod> SampleBook::take(Timestamp until) {
  std::vector<SampledPeriod> out;
  while (!periods_.empty() && after(periods_.begin()->first, options_.period) <= until) {
    out.push_back(choose(periods_.begin()->first, periods_.begin()->second));
    periods_.erase(periods_.begin());
  }
  return out;
}

}  // namespace tidewatch
