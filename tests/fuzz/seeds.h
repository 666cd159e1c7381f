#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace tidewatch::fuzz {

/// Runs `check` of each seed until one fails, and says how to run that one again, also when it ends the process.
/// Which seeds: seed_range() of tests/sim/seeds.h. What `check` throws is a failure.
void for_each_seed(uint64_t seeds, std::string_view test, const std::function<void(uint64_t seed)>& check);

}  // namespace tidewatch::fuzz
