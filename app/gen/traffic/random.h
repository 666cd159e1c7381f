#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace tidewatch::gen {

/// Random numbers by seed. The engine is specified by the standard and the distributions are written here, so that a
/// seed gives the same traffic whatever the standard library.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  uint64_t bits() { return engine_(); }
  double uniform() { return static_cast<double>(engine_() >> 11U) * 0x1.0p-53; }  ///< [0, 1)
  double uniform(double from, double to) { return from + (to - from) * uniform(); }
  size_t below(size_t count);  ///< [0, count); pre: count > 0
  bool chance(double probability) { return uniform() < probability; }
  double normal();                                 ///< standard normal (Box-Muller, cosine branch)
  double log_normal(double median, double sigma);  ///< sigma: of the logarithm
  double exponential(double mean);
  double gamma(double shape, double scale);          ///< Marsaglia & Tsang 2000
  size_t weighted(std::span<const double> weights);  ///< index by weight; pre: their sum is positive
  std::string bytes(size_t count);                   ///< never all zero

 private:
  std::mt19937_64 engine_;
};

}  // namespace tidewatch::gen
