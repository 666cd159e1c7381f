#include "stream/assemble/prices.h"

#include <algorithm>
#include <string_view>

#include "stream/assemble/shipped_prices.h"

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

/// The most specific of `prices`; null: none fits.
const ModelPrice* best_of(const std::vector<ModelPrice>& prices, const v1::SpanFacts& facts, Timestamp time) {
  const ModelPrice* best = nullptr;
  size_t best_fit = 1;
  for (const auto& price : prices) {
    if (time < price.from || time >= price.until) continue;
    const bool is_silent = facts.provider().empty() && price.is_of_silent_providers;
    if (!price.provider.empty() && price.provider != facts.provider() && !is_silent) continue;
    // Twice: the model that answered is what is billed; the one asked for decides only between equals.
    const size_t fits =
        std::max(2 * fit(price.model, facts.response_model()) + 1, 2 * fit(price.model, facts.request_model()));
    if (fits > best_fit) {
      best = &price;
      best_fit = fits;
    }
  }
  return best;
}

/// Share of the price that is paid in a service tier; absent: nobody said.
std::optional<double> share_in(const ModelPrice& price, std::string_view tier) {
  for (const auto& known : price.service_tiers)
    if (known.name == tier) return known.share;
  constexpr std::string_view kStandard[] = {"", "default", "standard", "auto", "standard_only", "on_demand"};
  if (std::find(std::begin(kStandard), std::end(kStandard), tier) != std::end(kStandard)) return 1;
  return std::nullopt;
}

/// In the price's currency, in the standard tier.
double list_price(const ModelPrice& price, const Usage& usage) {
  constexpr double kPer = 1e-6;
  const double input = usage.input_tokens.value_or(0);
  const double output = usage.output_tokens.value_or(0);
  const double cached = std::min(usage.cached_tokens.value_or(0), input);
  const double written = std::min(usage.cache_write_tokens.value_or(0), input - cached);
  const double reasoning = std::min(usage.reasoning_tokens.value_or(0), output);
  PriceTier rates{.input = price.input,
                  .output = price.output,
                  .cached_input = price.cached_input,
                  .cache_write = price.cache_write,
                  .reasoning = price.reasoning};
  for (const PriceTier& tier : price.tiers) {
    if (input <= static_cast<double>(tier.above)) continue;
    for (const auto rate : {&PriceTier::input, &PriceTier::output, &PriceTier::cached_input, &PriceTier::cache_write,
                            &PriceTier::reasoning})
      if (tier.*rate) rates.*rate = tier.*rate;
  }
  return kPer * ((input - cached - written) * *rates.input + cached * rates.cached_input.value_or(*rates.input) +
                 written * rates.cache_write.value_or(*rates.input) + (output - reasoning) * *rates.output +
                 reasoning * rates.reasoning.value_or(*rates.output)) +
         price.per_call;
}

bool has_tokens(const Call& call) { return call.usage.input_tokens || call.usage.output_tokens; }

}  // namespace

std::optional<double> usd_rate(const std::vector<CurrencyRate>& rates, const std::string& currency, Timestamp time) {
  if (currency == "USD") return 1;
  const CurrencyRate* latest = nullptr;
  for (const CurrencyRate& rate : rates)
    if (rate.currency == currency && rate.from <= time && (latest == nullptr || rate.from >= latest->from))
      latest = &rate;
  return latest == nullptr ? std::nullopt : std::optional<double>(latest->usd);
}

PriceList PriceList::of(const AssembleOptions& options) {
  return PriceList(options.prices, options.currencies,
                   options.has_shipped_prices ? shipped_prices() : std::vector<ModelPrice>{});
}

const ModelPrice* PriceList::find(const v1::SpanFacts& facts, Timestamp time) const {
  const ModelPrice* own = best_of(own_, facts, time);
  return own != nullptr ? own : best_of(shipped_, facts, time);
}

std::optional<double> PriceList::cost_of(const Call& call) const {
  const Usage& usage = call.usage;
  if (usage.cost_usd) return usage.cost_usd;
  if (usage.is_cost_stated_above || !has_tokens(call)) return std::nullopt;
  const Timestamp time = start_of(call.facts());
  const ModelPrice* price = find(call.facts(), time);
  if (price == nullptr) return std::nullopt;
  const auto share = share_in(*price, call.labels.get("service_tier"));
  const auto rate = usd_rate(rates_, price->currency, time);
  if (!share || !rate) return std::nullopt;
  return list_price(*price, usage) * *share * *rate;
}

bool PriceList::is_unpriced(const Call& call) const {
  return has_tokens(call) && !call.usage.is_cost_stated_above && !cost_of(call);
}

std::optional<double> PriceList::cost_of(const Request& request) const {
  std::optional<double> out;
  for (const Call& call : request.calls) {
    if (is_unpriced(call)) return std::nullopt;
    if (const auto cost = cost_of(call)) out = out.value_or(0) + *cost;
  }
  return out;
}

}  // namespace tidewatch
