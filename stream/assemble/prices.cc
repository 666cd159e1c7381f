#include "stream/assemble/prices.h"

#include <algorithm>
#include <string_view>

namespace tidewatch {
namespace {

/// How well a price's pattern fits: length of what it says of the name, plus one where it says all; 0: not at all.
size_t fit(std::string_view pattern, std::string_view model) {
  if (model.empty()) return 0;
  if (pattern == model) return pattern.size() + 1;
  if (!pattern.ends_with('*')) return 0;
  pattern.remove_suffix(1);
  return model.starts_with(pattern) ? std::max<size_t>(pattern.size(), 1) : 0;
}

}  // namespace

const ModelPrice* PriceList::find(const v1::SpanFacts& facts) const {
  const ModelPrice* best = nullptr;
  size_t best_fit = 0;
  for (const auto& price : prices_) {
    if (!price.provider.empty() && price.provider != facts.provider()) continue;
    // Twice: the model that answered is what is billed; the one asked for decides only between equals.
    const size_t fits =
        std::max(2 * fit(price.model, facts.response_model()) + 1, 2 * fit(price.model, facts.request_model()));
    if (fits > std::max<size_t>(best_fit, 1)) {
      best = &price;
      best_fit = fits;
    }
  }
  return best;
}

std::optional<double> PriceList::cost_of(const Call& call) const {
  const Usage& usage = call.usage;
  if (usage.cost_usd) return usage.cost_usd;
  if (usage.is_cost_stated_above || (!usage.input_tokens && !usage.output_tokens)) return std::nullopt;
  const ModelPrice* price = find(call.facts());
  if (price == nullptr) return std::nullopt;
  constexpr double kPer = 1e-6;
  const double input = usage.input_tokens.value_or(0);
  const double cached = std::min(usage.cached_tokens.value_or(0), input);
  const double written = std::min(usage.cache_write_tokens.value_or(0), input - cached);
  return kPer *
             ((input - cached - written) * price->input + cached * price->cached_input.value_or(price->input) +
              written * price->cache_write.value_or(price->input) + usage.output_tokens.value_or(0) * price->output) +
         price->per_call;
}

std::optional<double> PriceList::cost_of(const Request& request) const {
  std::optional<double> out;
  for (const Call& call : request.calls) {
    const bool has_tokens = call.usage.input_tokens || call.usage.output_tokens;
    const auto cost = cost_of(call);
    if (cost)
      out = out.value_or(0) + *cost;
    else if (has_tokens && !call.usage.is_cost_stated_above)
      return std::nullopt;
  }
  return out;
}

}  // namespace tidewatch
