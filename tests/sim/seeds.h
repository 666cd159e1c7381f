#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/sample_share.h"

namespace tidewatch {

struct SeedRange {
  uint64_t first;
  uint64_t last;
};

/// TIDEWATCH_SEED=n: that seed alone; TIDEWATCH_SEEDS=n: this many instead of `seeds`; sanitizers run fewer
/// (sample_share()).
inline SeedRange seed_range(uint64_t seeds) {
  if (const char* given = std::getenv("TIDEWATCH_SEED"); given != nullptr) {
    const uint64_t seed = std::strtoull(given, nullptr, 10);
    return {seed, seed};
  }
  const char* many = std::getenv("TIDEWATCH_SEEDS");
  return {1, many != nullptr ? std::strtoull(many, nullptr, 10)
                             : static_cast<uint64_t>(static_cast<double>(seeds) * sample_share())};
}

/// Runs `check` of each seed (seed_range()) until one fails, and says how to run that one again.
template <typename Check>
void for_each_seed(uint64_t seeds, std::string_view test, const Check& check) {
  const auto [first, last] = seed_range(seeds);
  for (uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE(fmt::format("replay: TIDEWATCH_SEED={} build/release/sim_tests --gtest_filter={}", seed, test));
    check(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace tidewatch
