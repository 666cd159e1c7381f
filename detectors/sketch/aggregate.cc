#include "detectors/sketch/aggregate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>

#include "detectors/core/check.h"
#include "detectors/sketch/clustered_trials.h"
#include "detectors/sketch/distinct.h"
#include "detectors/sketch/moments.h"
#include "detectors/sketch/quantile.h"
#include "detectors/sketch/real_quantiles.h"
#include "detectors/sketch/serialized.h"
#include "detectors/sketch/value_classes.h"
#include "detectors/sketch/weight.h"

namespace tidewatch {
namespace {

constexpr uint8_t kPlainVersion = 1;
constexpr uint8_t kWeightedVersion = 2;  // weighted rates: 1 has no squares by outcome
constexpr uint8_t kVersion = 3;          // rates of clusters
constexpr std::string_view kWhat = "aggregate";
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// The second byte: kind in the low three bits, and what follows.
constexpr uint8_t kKindMask = 7, kWorstIsSmallest = 8, kHasBody = 16, kHasExemplars = 32, kIsWeighted = 64;

ExemplarSet::Keep keep_of(MeasureKind kind) {
  // The exemplars of a rate have equal values: the worst are a uniform sample already.
  return kind == MeasureKind::distribution ? ExemplarSet::Keep::worst_and_typical : ExemplarSet::Keep::worst;
}

Observation missing(MeasureKind kind) {
  Observation nothing;
  nothing.kind = kind;
  nothing.value = kNaN;
  return nothing;
}

double quantile_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::p50:
      return 0.5;
    case Statistic::p95:
      return 0.95;
    case Statistic::p99:
      return 0.99;
    case Statistic::value:
    case Statistic::mean:
      break;
  }
  return kNaN;
}

}  // namespace

struct Aggregate::Distribution {
  Moments moments;
  RealQuantiles quantiles;
};

struct Aggregate::Body {
  explicit Body(MeasureKind kind) {
    if (kind == MeasureKind::distribution) state.emplace<Distribution>();
    if (kind == MeasureKind::distinct) state.emplace<DistinctSketch>();
    if (kind == MeasureKind::rate) state.emplace<ClusteredTrials>();
    if (kind == MeasureKind::composition) state.emplace<CategoryCounts>();
  }

  Moments& moments() {
    auto* distribution = std::get_if<Distribution>(&state);
    return distribution != nullptr ? distribution->moments : std::get<Moments>(state);
  }
  const Moments& moments() const {
    const auto* distribution = std::get_if<Distribution>(&state);
    return distribution != nullptr ? distribution->moments : std::get<Moments>(state);
  }

  std::variant<Moments, Distribution, DistinctSketch, CategoryCounts, ClusteredTrials> state;
  double rejected = 0;
};

Aggregate::Aggregate(MeasureKind kind, WorstEnd worst_end) : kind_(kind), worst_end_(worst_end) {}
Aggregate::~Aggregate() = default;
Aggregate::Aggregate(Aggregate&&) noexcept = default;
Aggregate& Aggregate::operator=(Aggregate&&) noexcept = default;
Aggregate::Aggregate(const Aggregate& other)
    : kind_(other.kind_),
      worst_end_(other.worst_end_),
      trials_(other.trials_),
      body_(other.body_ ? std::make_unique<Body>(*other.body_) : nullptr),
      exemplars_(other.exemplars_ ? std::make_unique<ExemplarSet>(*other.exemplars_) : nullptr) {}
Aggregate& Aggregate::operator=(const Aggregate& other) {
  if (this != &other) *this = Aggregate(other);
  return *this;
}

Aggregate::Body& Aggregate::body() {
  if (!body_) body_ = std::make_unique<Body>(kind_);
  return *body_;
}

void Aggregate::offer(const Exemplar* exemplar, double value, double weight) {
  if (exemplar == nullptr || !(weight > 0)) return;
  if (!exemplars_) exemplars_ = std::make_unique<ExemplarSet>(worst_end_, keep_of(kind_));
  exemplars_->offer(*exemplar, value);
}

void Aggregate::add_trial(bool success, double weight, const Exemplar* exemplar) {
  TW_CHECK(kind_ == MeasureKind::rate, "add_trial is for rates");
  const double w = quantise_weight(weight);
  if (w == 0) return;
  trials_.add(success, w);
  if (success == (worst_end_ == WorstEnd::largest)) offer(exemplar, success ? 1 : 0, w);
}

void Aggregate::add_clustered_trial(bool success, uint64_t cluster, double weight, const Exemplar* exemplar) {
  TW_CHECK(kind_ == MeasureKind::rate, "add_clustered_trial is for rates");
  std::get<ClusteredTrials>(body().state).add(success, cluster, weight);
  if (success == (worst_end_ == WorstEnd::largest)) offer(exemplar, success ? 1 : 0, weight);
}

void Aggregate::add_value(double value, double weight, const Exemplar* exemplar) {
  TW_CHECK(kind_ == MeasureKind::distribution || kind_ == MeasureKind::sum, "add_value is for distributions and sums");
  Body& into = body();
  if (!into.moments().add(value, weight)) {
    into.rejected += std::abs(value) <= Moments::kMaxMagnitude ? 0 : quantise_weight(weight);
    return;
  }
  if (auto* distribution = std::get_if<Distribution>(&into.state)) distribution->quantiles.add(value, weight);
  offer(exemplar, value, weight);
}

void Aggregate::add_key(uint64_t hash) {
  TW_CHECK(kind_ == MeasureKind::distinct, "add_key is for distinct counts");
  std::get<DistinctSketch>(body().state).add(hash);
}

void Aggregate::add_category(std::string_view name, double weight) {
  TW_CHECK(kind_ == MeasureKind::composition, "add_category is for compositions");
  std::get<CategoryCounts>(body().state).add(name, weight);
}

void Aggregate::merge(const Aggregate& other) {
  TW_CHECK(kind_ == other.kind_ && worst_end_ == other.worst_end_, "aggregates of different measures cannot be merged");
  trials_.merge(other.trials_);
  if (other.exemplars_) {
    if (!exemplars_) exemplars_ = std::make_unique<ExemplarSet>(worst_end_, keep_of(kind_));
    exemplars_->merge(*other.exemplars_);
  }
  if (!other.body_) return;
  if (!body_) {
    body_ = std::make_unique<Body>(*other.body_);
    return;
  }
  body_->rejected += other.body_->rejected;
  if (auto* distribution = std::get_if<Distribution>(&body_->state)) {
    const auto& from = std::get<Distribution>(other.body_->state);
    distribution->moments.merge(from.moments);
    distribution->quantiles.merge(from.quantiles);
  } else if (auto* moments = std::get_if<Moments>(&body_->state)) {
    moments->merge(std::get<Moments>(other.body_->state));
  } else if (auto* distinct = std::get_if<DistinctSketch>(&body_->state)) {
    distinct->merge(std::get<DistinctSketch>(other.body_->state));
  } else if (auto* categories = std::get_if<CategoryCounts>(&body_->state)) {
    categories->merge(std::get<CategoryCounts>(other.body_->state));
  } else if (auto* clusters = std::get_if<ClusteredTrials>(&body_->state)) {
    clusters->merge(std::get<ClusteredTrials>(other.body_->state));
  }
}

bool Aggregate::empty() const {
  if (kind_ == MeasureKind::rate) return trials_.empty() && (!body_ || std::get<ClusteredTrials>(body_->state).empty());
  if (!body_) return true;
  if (const auto* distinct = std::get_if<DistinctSketch>(&body_->state)) return distinct->empty();
  if (const auto* categories = std::get_if<CategoryCounts>(&body_->state)) return categories->empty();
  return body_->moments().empty() && body_->rejected == 0;
}

double Aggregate::rejected() const { return body_ ? body_->rejected : 0; }

Observation Aggregate::observe(Statistic statistic) const {
  Observation seen = missing(kind_);
  if (kind_ == MeasureKind::rate) {
    const auto told = body_ ? std::get<ClusteredTrials>(body_->state).told(trials_) : ClusteredTrials::Told();
    const double effective = body_ ? told.effective_size : trials_.effective_size();
    if (!(effective > 0)) return seen;
    seen.n = seen.trials = effective;
    seen.value = body_ ? told.rate : trials_.rate();
    seen.successes = seen.value * effective;
    return seen;
  }
  if (!body_) return seen;
  if (const auto* distinct = std::get_if<DistinctSketch>(&body_->state)) {
    if (distinct->empty()) return seen;
    seen.value = seen.n = distinct->estimate();
    seen.variance = distinct->variance();
    return seen;
  }
  if (const auto* categories = std::get_if<CategoryCounts>(&body_->state)) {
    if (!(categories->total() > 0)) return seen;
    seen.n = categories->total();
    seen.value = static_cast<double>(categories->top(CategoryCounts::kMaxCategories).size());
    seen.categories = categories;
    return seen;
  }
  const Moments& moments = body_->moments();
  const double effective = moments.effective_count();
  if (!(effective > 0)) return seen;
  seen.n = effective;
  if (kind_ == MeasureKind::sum) {
    seen.value = moments.sum();
    seen.variance = moments.sum_of_weighted_squares();
    seen.events = seen.variance > 0 ? seen.value * seen.value / seen.variance : 0;
    return seen;
  }
  if (statistic == Statistic::value || statistic == Statistic::mean) {
    seen.value = moments.mean();
    const double variance = moments.variance_of_mean();
    seen.variance = std::isfinite(variance) ? variance : seen.value * seen.value;
    return seen;
  }
  const auto& quantiles = std::get<Distribution>(body_->state).quantiles;
  const double q = quantile_of(statistic);
  seen.value = quantiles.quantile(q);
  seen.variance = quantiles.quantile_variance(q, effective);
  return std::isnan(seen.value) ? missing(kind_) : seen;
}

double Aggregate::weight() const {
  if (kind_ == MeasureKind::rate)
    return std::max(0.0, trials_.weight() + (body_ ? std::get<ClusteredTrials>(body_->state).weight() : 0));
  const bool has_moments = kind_ == MeasureKind::distribution || kind_ == MeasureKind::sum;
  return has_moments && body_ ? std::max(0.0, body_->moments().weight()) : 0;
}

void Aggregate::for_each_value(const std::function<void(double, double)>& visit) const {
  TW_CHECK(kind_ == MeasureKind::distribution, "only distributions have values");
  if (body_) std::get<Distribution>(body_->state).quantiles.for_each(visit);
}

Aggregate::Counts Aggregate::counts() const {
  TW_CHECK(kind_ == MeasureKind::rate, "only rates count successes");
  Counts out{trials_.successes(), trials_.failures()};
  if (!body_) return out;
  const auto& clusters = std::get<ClusteredTrials>(body_->state);
  const double kept = clusters.successes() + clusters.failures();
  const double of_all = kept > 0 ? clusters.weight() / kept : 1;  // of many clusters some are kept
  out.successes += of_all * clusters.successes();
  out.failures += of_all * clusters.failures();
  return out;
}

double Aggregate::quantile(double q) const {
  TW_CHECK(kind_ == MeasureKind::distribution, "only distributions have quantiles");
  return body_ ? std::get<Distribution>(body_->state).quantiles.quantile(std::clamp(q, 0.0, 1.0)) : kNaN;
}

Split Aggregate::split(const Aggregate& others, Statistic statistic) const {
  TW_CHECK(kind_ == MeasureKind::distribution && others.kind_ == kind_, "only distributions are split");
  if (!body_ || !others.body_) return {};
  const auto& own = std::get<Distribution>(body_->state);
  const auto& other = std::get<Distribution>(others.body_->state);
  const double count = own.quantiles.count();
  const double other_count = other.quantiles.count();
  if (!(count > 0) || !(other_count > 0)) return {};
  Distribution all = own;
  all.moments.merge(other.moments);
  all.quantiles.merge(other.quantiles);
  const double q = quantile_of(statistic);
  const double cut = std::isnan(q) ? all.moments.mean() : all.quantiles.quantile(q);
  const double wanted = (1 - (std::isnan(q) ? 0.5 : q)) * all.quantiles.count();
  const double above = all.quantiles.count_above(cut);
  const bool takes_equal = above + all.quantiles.count_at(cut) - wanted < wanted - above;
  const auto share = [&](const RealQuantiles& of, double total) {
    return std::clamp((of.count_above(cut) + (takes_equal ? of.count_at(cut) : 0)) / total, 0.0, 1.0);
  };
  Split out;
  out.own = own.moments.effective_count();
  out.others = other.moments.effective_count();
  out.own_above = out.own * share(own.quantiles, count);
  out.others_above = out.others * share(other.quantiles, other_count);
  return out;
}

const CategoryCounts& Aggregate::categories() const {
  TW_CHECK(kind_ == MeasureKind::composition, "only compositions have categories");
  static const CategoryCounts kNone;
  return body_ ? std::get<CategoryCounts>(body_->state) : kNone;
}

CategoryCounts Aggregate::classes(const Domain& domain) const {
  TW_CHECK(kind_ == MeasureKind::distribution, "only distributions have classes of values");
  if (!body_) return {};
  CategoryCounts weights = value_classes(std::get<Distribution>(body_->state).quantiles, domain);
  const double effective = body_->moments().effective_count();
  const double total = weights.total();
  if (!(effective > 0) || !(total > 0)) return {};
  if (effective == total) return weights;
  CategoryCounts out;
  for (const auto& [name, weight] : weights.entries()) out.add(name, weight * effective / total);
  return out;
}

std::vector<Exemplar> Aggregate::exemplars() const {
  if (!exemplars_) return {};
  // When every bad trial was withdrawn, their exemplars no longer show anything.
  if (kind_ == MeasureKind::rate) {
    const auto* clusters = body_ ? std::get_if<ClusteredTrials>(&body_->state) : nullptr;
    const double successes = trials_.successes() + (clusters != nullptr ? clusters->successes() : 0);
    const double failures = trials_.failures() + (clusters != nullptr ? clusters->failures() : 0);
    if (!((worst_end_ == WorstEnd::largest ? successes : failures) > 0)) return {};
  }
  return exemplars_->all();
}

size_t Aggregate::memory_bytes() const {
  size_t bytes =
      sizeof(*this) + trials_.memory_bytes() - sizeof(trials_) + (exemplars_ ? exemplars_->memory_bytes() : 0);
  if (!body_) return bytes;
  bytes += sizeof(Body);
  // What lies inside the body is counted with it, so only what the parts hold beyond themselves is added.
  if (const auto* distribution = std::get_if<Distribution>(&body_->state))
    bytes += distribution->quantiles.memory_bytes() - sizeof(RealQuantiles);
  if (const auto* distinct = std::get_if<DistinctSketch>(&body_->state))
    bytes += distinct->memory_bytes() - sizeof(DistinctSketch);
  if (const auto* categories = std::get_if<CategoryCounts>(&body_->state))
    bytes += categories->memory_bytes() - sizeof(CategoryCounts);
  if (const auto* clusters = std::get_if<ClusteredTrials>(&body_->state))
    bytes += clusters->memory_bytes() - sizeof(ClusteredTrials);
  return bytes;
}

void Aggregate::write_body(ByteWriter& out) const {
  put_weight(out, body_->rejected);
  if (const auto* distribution = std::get_if<Distribution>(&body_->state)) {
    distribution->moments.serialize(out);
    distribution->quantiles.serialize(out);
  } else if (const auto* moments = std::get_if<Moments>(&body_->state)) {
    moments->serialize(out);
  } else if (const auto* distinct = std::get_if<DistinctSketch>(&body_->state)) {
    distinct->serialize(out);
  } else if (const auto* categories = std::get_if<CategoryCounts>(&body_->state)) {
    categories->serialize(out);
  } else if (const auto* clusters = std::get_if<ClusteredTrials>(&body_->state)) {
    clusters->serialize(out);
  }
}

Status Aggregate::read_body(ByteReader& in) {
  Body& into = body();
  into.rejected = get_weight(in);
  const auto take = [](auto& target, auto read) -> Status {
    if (!read) return read.error();
    target = std::move(*read);
    return ok_status();
  };
  if (auto* distinct = std::get_if<DistinctSketch>(&into.state))
    return take(*distinct, DistinctSketch::deserialize(in));
  if (auto* categories = std::get_if<CategoryCounts>(&into.state))
    return take(*categories, CategoryCounts::deserialize(in));
  if (auto* clusters = std::get_if<ClusteredTrials>(&into.state))
    return take(*clusters, ClusteredTrials::deserialize(in));
  if (auto moments = take(into.moments(), Moments::deserialize(in)); !moments) return moments;
  auto* distribution = std::get_if<Distribution>(&into.state);
  return distribution != nullptr ? take(distribution->quantiles, RealQuantiles::deserialize(in)) : ok_status();
}

std::string Aggregate::serialize() const {
  const auto flag = [](bool condition, uint8_t bit) { return condition ? int{bit} : 0; };
  ByteWriter out;
  const bool has_clusters = kind_ == MeasureKind::rate && body_ != nullptr;
  out.put(has_clusters ? kVersion : trials_.is_weighted() ? kWeightedVersion : kPlainVersion);
  out.put(static_cast<uint8_t>(static_cast<int>(kind_) | flag(worst_end_ == WorstEnd::smallest, kWorstIsSmallest) |
                               flag(body_ != nullptr, kHasBody) | flag(exemplars_ != nullptr, kHasExemplars) |
                               flag(trials_.is_weighted(), kIsWeighted)));
  if (kind_ == MeasureKind::rate) trials_.serialize(out);
  if (body_) write_body(out);
  if (exemplars_) exemplars_->serialize(out);
  return std::move(out).bytes();
}

Result<Aggregate> Aggregate::deserialize(std::string_view bytes) {
  ByteReader in(bytes);
  const auto version = expect_version(in, kVersion, kWhat);
  if (!version) return version.error();
  const auto head = in.get<uint8_t>();
  const int kind = head & kKindMask;
  if (!in.ok() || kind > static_cast<int>(MeasureKind::composition)) return corrupt(kWhat);
  Aggregate aggregate(static_cast<MeasureKind>(kind),
                      (head & kWorstIsSmallest) != 0 ? WorstEnd::smallest : WorstEnd::largest);
  if (aggregate.kind_ == MeasureKind::rate) {
    if ((head & kHasBody) != 0 && *version < kVersion) return corrupt(kWhat);
    aggregate.trials_ = WeightedTrials::deserialize(in, (head & kIsWeighted) != 0, *version > kPlainVersion);
  }
  if ((head & kHasBody) != 0)
    if (auto body = aggregate.read_body(in); !body) return body.error();
  if ((head & kHasExemplars) != 0) {
    aggregate.exemplars_ = std::make_unique<ExemplarSet>(aggregate.worst_end_, keep_of(aggregate.kind_));
    if (!aggregate.exemplars_->deserialize(in)) return corrupt(kWhat);
  }
  if (!in.ok() || !in.at_end()) return corrupt(kWhat);
  return aggregate;
}

}  // namespace tidewatch
