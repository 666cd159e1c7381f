#include "detectors/estimate/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "detectors/core/check.h"
#include "detectors/estimate/interval.h"

namespace tidewatch {
namespace {

double agreement_of(size_t a, size_t b, size_t categories, AgreementWeights weights) {
  if (weights == AgreementWeights::none) return a == b ? 1 : 0;
  const double distance = (static_cast<double>(a) - static_cast<double>(b)) / static_cast<double>(categories - 1);
  return 1 - distance * distance;
}

}  // namespace

Result<Agreement> cohens_kappa(std::span<const RatedTwice> items, size_t categories, AgreementWeights weights,
                               double confidence) {
  TW_CHECK(categories >= 2 && confidence > 0 && confidence < 1, "two categories and a confidence");
  if (items.size() < 2) return Error{"bad_estimate", "agreement needs two items at least"};
  Agreement out;
  out.confusion.assign(categories, std::vector<double>(categories, 0));
  double total = 0;
  double squares = 0;
  for (const RatedTwice& item : items) {
    if (item.first >= categories || item.second >= categories)
      return Error{"bad_estimate", "an item has a category that there is not"};
    if (!(item.weight > 0) || !std::isfinite(item.weight))
      return Error{"bad_estimate", "weights must be positive and finite"};
    out.confusion[item.first][item.second] += item.weight;
    total += item.weight;
    squares += item.weight * item.weight;
  }
  std::vector<double> first(categories, 0);
  std::vector<double> second(categories, 0);
  for (size_t a = 0; a < categories; ++a)
    for (size_t b = 0; b < categories; ++b) {
      first[a] += out.confusion[a][b] / total;
      second[b] += out.confusion[a][b] / total;
    }
  // What a category of one rater agrees with the other's by chance.
  std::vector<double> of_first(categories, 0);
  std::vector<double> of_second(categories, 0);
  for (size_t a = 0; a < categories; ++a)
    for (size_t b = 0; b < categories; ++b) {
      const double agree = agreement_of(a, b, categories, weights);
      out.observed += agree * out.confusion[a][b] / total;
      out.expected += agree * first[a] * second[b];
      of_first[a] += agree * second[b];
      of_second[b] += agree * first[a];
    }
  const double room = 1 - out.expected;
  if (room < 1e-12)
    return Error{"bad_estimate", "both name the same category always: nothing is known of how they agree"};
  out.kappa = (out.observed - out.expected) / room;
  const double centre = out.kappa - out.expected * (1 - out.kappa);
  double variance = 0;
  for (const RatedTwice& item : items) {
    const double influence = agreement_of(item.first, item.second, categories, weights) -
                             (of_first[item.first] + of_second[item.second]) * (1 - out.kappa) - centre;
    variance += item.weight * item.weight * influence * influence;
  }
  out.error = std::sqrt(variance) / (total * room);
  const double reach = two_sided_quantile(confidence, std::numeric_limits<double>::infinity());
  const double most_disagreement = wilson(1 - out.observed, total * total / squares, reach).high;
  out.interval.low = std::max(-1.0, std::min(out.kappa - reach * out.error, 1 - most_disagreement / room));
  out.interval.high = std::min(1.0, out.kappa + reach * out.error);
  return out;
}

}  // namespace tidewatch
