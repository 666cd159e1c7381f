#pragma once

#include <optional>
#include <string_view>

namespace tidewatch {

/// Kinds of measure; the kind decides what an aggregate keeps and which predictive distribution scores it.
enum class MeasureKind : unsigned char {
  rate,          ///< successes of trials, value in [0, 1]: beta-binomial
  distribution,  ///< real numbers; statistics mean, p50, p95, p99: Student-t with the sampling variance
  sum,           ///< additive amount per window (requests, tokens, cost): negative binomial on the effective count
  distinct,      ///< number of different values (users): log-normal with the sketch's own error
  composition,   ///< counts by category (models, finish reasons, topics)
};

constexpr std::string_view name_of(MeasureKind kind) {
  switch (kind) {
    case MeasureKind::rate:
      return "rate";
    case MeasureKind::distribution:
      return "distribution";
    case MeasureKind::sum:
      return "sum";
    case MeasureKind::distinct:
      return "distinct";
    case MeasureKind::composition:
      return "composition";
  }
  return "unknown";
}

constexpr std::optional<MeasureKind> measure_kind(std::string_view name) {
  for (const auto kind : {MeasureKind::rate, MeasureKind::distribution, MeasureKind::sum, MeasureKind::distinct,
                          MeasureKind::composition})
    if (name_of(kind) == name) return kind;
  return std::nullopt;
}

/// Which number of an aggregate is watched. Rates, sums and distinct counts have one; distributions have these.
enum class Statistic : unsigned char { value, mean, p50, p95, p99 };

constexpr std::string_view name_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::value:
      return "value";
    case Statistic::mean:
      return "mean";
    case Statistic::p50:
      return "p50";
    case Statistic::p95:
      return "p95";
    case Statistic::p99:
      return "p99";
  }
  return "unknown";
}

}  // namespace tidewatch
