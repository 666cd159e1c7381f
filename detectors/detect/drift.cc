#include "detectors/detect/drift.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/core/special_functions.h"
#include "detectors/detect/series.h"
#include "detectors/detect/tail.h"
#include "detectors/sketch/value_classes.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// Degrees of freedom that "compositions vary by chance only" is worth before any period is seen.
constexpr double kPriorFreedom = 20;
// A period this surprising is not taken for usual variation, and teaches the usual composition little.
constexpr double kDeviatingBits = 10;
constexpr double kDeviatingWeight = 0.05;
// Most that one period says of the usual variation, in units of its own expectation.
constexpr double kMostExcess = 9;
// Categories of the usual composition that are kept apart; rarer ones are "other".
constexpr size_t kMostCategories = 64;

/// share · `of`, with at most kMostCategories names.
CategoryCounts scaled(const CategoryCounts& of, double share) {
  CategoryCounts out;
  double named = 0;
  for (const auto& [name, weight] : of.top(kMostCategories)) {
    named += weight;
    if (weight * share >= 1e-3) out.add(name, weight * share);
  }
  const double rest = (of.total() - named) * share;
  if (rest > 1e-3) out.add("other", rest);
  return out;
}

bool has_categories(const Observation& seen) {
  if (seen.missing()) return false;
  return seen.kind == MeasureKind::composition ? seen.categories != nullptr : seen.kind == MeasureKind::distribution;
}

void add_to(CategoryCounts& counts, const Observation& seen) {
  if (seen.categories != nullptr)
    counts.merge(*seen.categories);
  else
    counts.add(value_class(seen.value, seen.domain));
}

/// A distance is only ever larger than usual.
void describe_distance(Verdict& judged) {
  judged.direction = Direction::up;
  judged.effect_absolute = judged.value - judged.expected;
  judged.effect = relative_effect(judged.value, judged.expected);
}

}  // namespace

Drift::Drift(const Params& params, size_t observations) : params_(params), clock_(params.period) {
  static_cast<void>(observations);
}

double Drift::dispersion(double sample) const {
  return 1 + std::max(0.0, excess_ / (exposure_ + kPriorFreedom * std::max(sample, 1.0))) * sample;
}

size_t Drift::memory_bytes() const {
  // By content: what a vector has reserved depends on how it came to be.
  size_t bytes = sizeof(Drift);
  for (const CategoryCounts* counts : {&usual_, &filling_})
    for (const auto& entry : counts->entries()) bytes += sizeof(entry) + entry.first.size();
  return bytes;
}

Verdict Drift::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (window.observations.empty()) return verdict;
  const Observation& seen = window.observations[0];
  if (!has_categories(seen)) return verdict;
  verdict = judged_;
  if (verdict.judgement != Judgement::scored || !warm()) verdict.judgement = Judgement::warming_up;
  if (context.direction == Direction::down) verdict.surprise = 0;
  // The deviating periods before this one, and the windows of this one that repeat its verdict, are not told apart.
  const double windows = deviating_ * to_seconds(params_.period) / to_seconds(window.width);
  verdict.since_windows = windows > 0 ? static_cast<uint32_t>(std::min(windows, 4e9)) : 0;
  return verdict;
}

void Drift::learn(const Window& window, const Decision& decision) {
  if (decision.confirmed_normal) {
    usual_ = {};
    periods_ = 0;
    judged_ = {};
  }
  const auto begun = clock_.begin(window);
  if (begun.ended < 0) return;
  if (begun.ended > 0) end_period();
  if (!window.observations.empty() && decision.weight > 0) {
    const Observation& seen = window.observations[0];
    if (has_categories(seen)) add_to(filling_, seen);
  }
  if (clock_.end(window).ended > 0) end_period();
}

void Drift::end_period() {
  const CategoryCounts period = std::exchange(filling_, {});
  if (period.total() < params_.least) return;
  const CompositionTest test = compare_compositions(usual_, period);
  judged_ = {};
  bool deviates = false;
  if (test.degrees_of_freedom > 0) {
    const double wider = dispersion(test.sample);
    const double df = test.degrees_of_freedom;
    judged_.judgement = Judgement::scored;
    judged_.surprise = surprise_of(fisher_upper(test.chi_squared / (df * wider), df, kPriorFreedom + freedom_));
    judged_.value = test.moved;
    judged_.expected = std::min(1.0, test.moved_by_chance * std::sqrt(wider));
    judged_.expected_high = std::min(1.0, judged_.expected + 1.96 * test.moved_spread * std::sqrt(wider));
    judged_.categories = test.categories;
    describe_distance(judged_);
    deviates = warm() && judged_.surprise >= kDeviatingBits;
    const double most = kMostExcess * df * wider;
    const double kept = std::exp2(-1 / (4 * params_.half_life));
    if (!deviates) {
      excess_ = kept * excess_ + std::min(test.chi_squared, most) - df;
      exposure_ = kept * exposure_ + df * test.sample;
      freedom_ = kept * freedom_ + df;
    }
  }
  deviating_ = deviates ? deviating_ + 1 : 0;
  if (deviating_ >= params_.adapt_after) {
    usual_ = {};
    deviating_ = 0;
    deviates = false;
  }
  usual_ = scaled(usual_, std::exp2(-1 / params_.half_life));
  usual_.merge(deviates ? scaled(period, kDeviatingWeight) : scaled(period, 1));
  ++periods_;
}

void Drift::save(ByteWriter& out) const {
  out.put(kVersion);
  clock_.save(out);
  usual_.serialize(out);
  filling_.serialize(out);
  for (const double value : {excess_, exposure_, freedom_}) out.put(value);
  out.put(periods_);
  out.put(deviating_);
  out.put(static_cast<uint8_t>(judged_.judgement == Judgement::scored ? 1 : 0));
  if (judged_.judgement != Judgement::scored) return;
  for (const double value : {judged_.surprise, judged_.value, judged_.expected, judged_.expected_high}) out.put(value);
  out.put_varint(judged_.categories.size());
  for (const CategoryShift& category : judged_.categories) {
    out.put_string(category.name);
    out.put(category.expected);
    out.put(category.share);
  }
}

Status Drift::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  if (in.ok() && version != kVersion) return Error{"unknown_version", "drift: not a version this build can read"};
  const Error cut{"corrupt", "drift: its state is cut off or out of range"};
  Drift read(params_, 1);
  bool good = read.clock_.load(in);
  auto usual = CategoryCounts::deserialize(in);
  if (!usual) return usual.error();
  auto filling = CategoryCounts::deserialize(in);
  if (!filling) return filling.error();
  const auto number = [&](double most) {
    const auto value = in.get<double>();
    good = good && std::abs(value) <= most;
    return value;
  };
  const auto share = [&] {
    const double value = number(1);
    good = good && value >= 0;
    return value;
  };
  read.excess_ = number(1e150);
  read.exposure_ = number(1e150);
  read.freedom_ = number(1e150);
  good = good && read.exposure_ >= 0 && read.freedom_ >= 0;
  read.periods_ = in.get<uint32_t>();
  read.deviating_ = in.get<uint32_t>();
  const auto is_judged = in.get<uint8_t>();
  if (!in.ok() || !good || is_judged > 1) return cut;
  if (is_judged == 1) {
    Verdict& judged = read.judged_;
    judged.judgement = Judgement::scored;
    judged.surprise = number(kMaxSurprise);
    judged.value = share();
    judged.expected = share();
    judged.expected_high = share();
    for (uint64_t left = in.get_count(); left > 0 && in.ok(); --left) {
      CategoryShift category;
      category.name = in.get_string();
      category.expected = share();
      category.share = share();
      judged.categories.push_back(std::move(category));
    }
    if (!in.ok() || !good || judged.surprise < 0 || judged.categories.size() > kMostNamedCategories) return cut;
    describe_distance(judged);
  }
  usual_ = std::move(usual).value();
  filling_ = std::move(filling).value();
  clock_ = read.clock_;
  excess_ = read.excess_;
  exposure_ = read.exposure_;
  freedom_ = read.freedom_;
  periods_ = read.periods_;
  deviating_ = read.deviating_;
  judged_ = std::move(read.judged_);
  return ok_status();
}

}  // namespace tidewatch
