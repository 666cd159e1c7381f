#pragma once

#include <optional>
#include <vector>

#include "stream/assemble/options.h"
#include "stream/assemble/request.h"

namespace tidewatch {

/// What calls cost. A cost that the span states wins over the price list; without both the cost is unknown, not zero.
class PriceList {
 public:
  explicit PriceList(std::vector<ModelPrice> prices = {}) : prices_(std::move(prices)) {}

  /// USD of what counts on the call; absent also where a span above states the cost.
  std::optional<double> cost_of(const Call& call) const;
  /// USD of the whole request; absent when some call with tokens has no known cost.
  std::optional<double> cost_of(const Request& request) const;

 private:
  const ModelPrice* find(const v1::SpanFacts& facts) const;
  std::vector<ModelPrice> prices_;
};

}  // namespace tidewatch
