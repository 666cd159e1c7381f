#pragma once

#include <functional>
#include <memory>
#include <random>

#include "stream/outbound/surroundings.h"

namespace tidewatch::fake_model {

/// Clocks that tests move, and chance from a seed.
class FakeSurroundings {
 public:
  explicit FakeSurroundings(uint32_t seed = 1) : random_(seed) {}
  Surroundings given() {
    return {.monotonic = [this] { return time_; },
            .wall = [this] { return began_ + time_; },
            .random = [this] { return std::uniform_real_distribution<>(0, 1)(random_); }};
  }
  void advance(Duration by) { time_ += by; }
  Duration time() const { return time_; }

 private:
  std::mt19937 random_;
  Duration time_{};
  Timestamp began_{std::chrono::hours(24 * 365 * 50)};  // midnight
};

}  // namespace tidewatch::fake_model
