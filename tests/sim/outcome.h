#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stream/runtime/local_runner.h"

namespace tidewatch {

/// Everything that was published, and the state, in an order that does not depend on partitions.
std::vector<std::string> outcome(const LocalRunner& runner);

/// Steps of tasks by chance, a quarter of them lost in a crash, before the rest runs through in batches of any size.
void run_disturbed(LocalRunner& runner, uint64_t seed);

/// Where the first outputs that differ do, as whole messages help nobody; empty when none do.
std::string difference(const std::vector<std::string>& disturbed, const std::vector<std::string>& undisturbed);

}  // namespace tidewatch
