#include "app/gen/traffic/random.h"

#include <cmath>
#include <numbers>

namespace tidewatch::gen {

size_t Random::below(size_t count) { return static_cast<size_t>(uniform() * static_cast<double>(count)); }

double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

double Random::log_normal(double median, double sigma) { return median * std::exp(sigma * normal()); }

double Random::exponential(double mean) { return -mean * std::log(1 - uniform()); }

double Random::gamma(double shape, double scale) {
  if (shape < 1) return gamma(shape + 1, scale) * std::pow(1 - uniform(), 1 / shape);
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal();
    const double v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(1 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v * scale;
  }
}

size_t Random::weighted(std::span<const double> weights) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  double at = uniform() * sum;
  for (size_t i = 0; i + 1 < weights.size(); ++i) {
    if (at < weights[i]) return i;
    at -= weights[i];
  }
  return weights.size() - 1;
}

std::string Random::bytes(size_t count) {
  std::string out;
  while (out.size() < count) {
    for (uint64_t word = bits() | 1U; word != 0 && out.size() < count; word >>= 8U) {
      out.push_back(static_cast<char>(word & 0xffU));
    }
  }
  return out;
}

}  // namespace tidewatch::gen
