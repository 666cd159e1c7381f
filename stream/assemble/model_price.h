#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/time.h"

namespace tidewatch {

/// Prices of the whole call when its prompt is longer than so many tokens. What is not stated is as in the price.
struct PriceTier {
  uint64_t above = 0;  ///< input tokens, cached ones included
  std::optional<double> input = {};
  std::optional<double> output = {};
  std::optional<double> cached_input = {};
  std::optional<double> cache_write = {};
  std::optional<double> reasoning = {};
};

/// What is paid of the price in a service tier of the provider ("batch": 0.5).
struct ServiceTierShare {
  std::string name;
  double share = 1;
};

/// What a model's tokens cost, per million. Prices that are not stated count as the input price (cached_input,
/// cache_write) or the output price (reasoning, whose tokens are part of the output).
struct ModelPrice {
  std::string model;     ///< response or request model, exact, or a prefix that ends with `*`
  std::string provider;  ///< empty: any
  double input = 0;
  double output = 0;
  std::optional<double> cached_input = {};
  std::optional<double> cache_write = {};
  double per_call = 0;
  std::optional<double> reasoning = {};
  std::vector<PriceTier> tiers = {};                 ///< by `above`, ascending
  std::vector<ServiceTierShare> service_tiers = {};  ///< beside the standard one
  Timestamp from = kMinTimestamp;                    ///< calls that start then or later
  Timestamp until = kMaxTimestamp;                   ///< and before this
  std::string currency = "USD";
  bool is_of_silent_providers = false;  ///< with `provider`: also of calls that name none
};

/// What one unit of a currency is worth. Of several that hold the one with the latest `from` counts.
struct CurrencyRate {
  std::string currency;
  double usd = 1;
  Timestamp from = kMinTimestamp;
};

/// Worth of one unit of `currency` at `time` in USD; absent where no rate holds.
std::optional<double> usd_rate(const std::vector<CurrencyRate>& rates, const std::string& currency, Timestamp time);

}  // namespace tidewatch
