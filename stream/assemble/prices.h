#pragma once

#include <optional>
#include <vector>

#include "stream/assemble/model_price.h"
#include "stream/assemble/options.h"
#include "stream/assemble/request.h"

namespace tidewatch {

/// What calls cost. A cost that the span states wins over the price list; without both the cost is unknown, not zero.
/// A price is that of the time at which the call started. Unknown is the cost also in a service tier (label
/// `service_tier`) whose price is not stated, and in a currency without a rate at that time.
class PriceList {
 public:
  /// `own` come before the `shipped` ones: these are looked at only where none of `own` fits. `rates`: of currencies.
  explicit PriceList(std::vector<ModelPrice> own = {}, std::vector<CurrencyRate> rates = {},
                     std::vector<ModelPrice> shipped = {})
      : own_(std::move(own)), shipped_(std::move(shipped)), rates_(std::move(rates)) {}
  /// As the options say, with the shipped ones where they are on.
  static PriceList of(const AssembleOptions& options);

  /// USD of what counts on the call; absent also where a span above states the cost.
  std::optional<double> cost_of(const Call& call) const;
  /// USD of the whole request; absent when some call with tokens has no known cost.
  std::optional<double> cost_of(const Request& request) const;
  /// Whether it used what costs, and nobody knows how much.
  bool is_unpriced(const Call& call) const;
  /// That of the model that the span names at a time, the most specific one; null: there is none.
  const ModelPrice* find(const v1::SpanFacts& facts, Timestamp time) const;
  const std::vector<CurrencyRate>& rates() const { return rates_; }

 private:
  std::vector<ModelPrice> own_;
  std::vector<ModelPrice> shipped_;
  std::vector<CurrencyRate> rates_;
};

}  // namespace tidewatch
