#include "app/evaluate/real_surroundings.h"

#include <chrono>
#include <memory>
#include <random>

namespace tidewatch {

Surroundings real_surroundings() {
  using std::chrono::steady_clock;
  using std::chrono::system_clock;
  const auto random = std::make_shared<std::mt19937_64>(std::random_device()());
  return {.monotonic = [] { return std::chrono::duration_cast<Duration>(steady_clock::now().time_since_epoch()); },
          .wall = [] { return std::chrono::time_point_cast<Duration>(system_clock::now()); },
          .random = [random] { return std::uniform_real_distribution<>(0, 1)(*random); }};
}

}  // namespace tidewatch
