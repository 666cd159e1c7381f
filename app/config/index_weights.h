#pragma once

#include <functional>
#include <map>
#include <string>

#include "app/config/names.h"

namespace tidewatch::config {

using IndexWeights = std::map<std::string, double, std::less<>>;

/// Weights in the quality index by measure: {refusal_rate: 5, latency: 0, score_relevance: 4}.
Type<IndexWeights> index_weights(const Names& names);

}  // namespace tidewatch::config
