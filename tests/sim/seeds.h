#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/sample_share.h"

namespace tidewatch {

/// Runs `check` of each seed until one fails, and says how to run that one again: TIDEWATCH_SEED=n runs that seed
/// alone, TIDEWATCH_SEEDS=n this many instead of `seeds`.
template <typename Check>
void for_each_seed(uint64_t seeds, std::string_view test, const Check& check) {
  const char* given = std::getenv("TIDEWATCH_SEED");
  const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const char* many = std::getenv("TIDEWATCH_SEEDS");
  seeds = many != nullptr ? std::strtoull(many, nullptr, 10)
                          : static_cast<uint64_t>(static_cast<double>(seeds) * sample_share());
  const uint64_t last = given != nullptr ? first : seeds;
  for (uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE(fmt::format("replay: TIDEWATCH_SEED={} build/release/sim_tests --gtest_filter={}", seed, test));
    check(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace tidewatch
