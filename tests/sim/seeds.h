#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace tidewatch {

#ifdef __SANITIZE_ADDRESS__
inline constexpr uint64_t kSeedsShare = 20;  // sanitizers look for other mistakes, and take their time
#else
inline constexpr uint64_t kSeedsShare = 1;
#endif

/// Runs `check` of each seed until one fails, and says how to run that one again: TIDEWATCH_SEED=n runs that seed
/// alone, TIDEWATCH_SEEDS=n this many instead of `seeds`.
template <typename Check>
void for_each_seed(uint64_t seeds, std::string_view test, const Check& check) {
  const char* given = std::getenv("TIDEWATCH_SEED");
  const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const char* many = std::getenv("TIDEWATCH_SEEDS");
  if (many != nullptr) seeds = std::strtoull(many, nullptr, 10) * kSeedsShare;
  const uint64_t last = given != nullptr ? first : seeds / kSeedsShare;
  for (uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE(fmt::format("replay: TIDEWATCH_SEED={} build/release/sim_tests --gtest_filter={}", seed, test));
    check(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace tidewatch
