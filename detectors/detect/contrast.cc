#include "detectors/detect/contrast.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "detectors/detect/series.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// Logarithms of the odds ratios that are looked for, beyond the tolerance: 1.4, 2, 3.3, 7.4 and 25 times.
constexpr auto kSteps = std::to_array<double>({0.35, 0.7, 1.2, 2.0, 3.2});
// Odds e^7 that the difference is over.
constexpr double kReturnNats = 7;
// A clear difference: what is counted towards `adapt_after`.
constexpr double kClearBits = 10;
// Of what is learnt of the dispersion. Windows.
constexpr double kHalfLife = 864;
// Marks that "as by chance" is worth before any is seen, and "no difference".
constexpr double kPriorMarks = 10;
constexpr double kPriorDifference = 1;
constexpr double kMostDispersion = 1000;
constexpr double kLeastMarks = 0.5;  // of both groups, so that an odds ratio is finite (Haldane 1940)
constexpr double kMostLogOdds = 8;
constexpr double kLargestCount = 1e15;
// Half of a central 95 %, in standard deviations.
constexpr double kHalfInterval = 1.96;

double log_odds(double over, double under, double prior) {
  return std::clamp(std::log((over + prior) / (under + prior)), -kMostLogOdds, kMostLogOdds);
}

bool is_count(double value) { return value >= 0 && value <= kLargestCount; }

/// Of the run that says most. Ties go to the smaller odds ratio.
template <typename Side>
const auto& strongest(const Side& side) {
  return *std::max_element(side.begin(), side.end(),
                           [](const auto& a, const auto& b) { return a.evidence < b.evidence; });
}

double bits_of(double nats) { return nats / std::numbers::ln2 - std::log2(static_cast<double>(kSteps.size())); }

}  // namespace

std::optional<Contrast::Stratum> Contrast::stratum_of(const Window& window) {
  if (window.observations.empty() || window.siblings.empty()) return std::nullopt;
  const Observation& seen = window.observations[0];
  const Observation& together = window.siblings[0].together;
  if (!is_usable(seen) || !is_usable(together) || seen.kind != together.kind) return std::nullopt;
  const bool is_rate = seen.kind == MeasureKind::rate;
  if (!is_rate && seen.kind != MeasureKind::distribution) return std::nullopt;
  const Split split =
      is_rate ? Split{seen.successes, seen.trials, together.successes, together.trials} : window.siblings[0].split;
  if (!is_count(split.own) || !is_count(split.others) || !(split.own_above >= 0 && split.own_above <= split.own) ||
      !(split.others_above >= 0 && split.others_above <= split.others) || !(split.own > 0) || !(split.others > 0))
    return std::nullopt;
  const double all = split.own + split.others;
  return Stratum{NoncentralHypergeometric(split.own_above, split.own, split.others_above, split.others),
                 split.own,
                 seen.value,
                 together.value,
                 split.own_above * (split.others - split.others_above) / all,
                 split.others_above * (split.own - split.own_above) / all,
                 is_rate};
}

double Contrast::Run::log_odds() const { return tidewatch::log_odds(over, under, kLeastMarks); }

void Contrast::Run::take(double log_ratio, double log_ratio_back, const Stratum& seen, double variance_seen) {
  back = evidence > 0 ? std::max(0.0, back + log_ratio_back) : 0;
  evidence += log_ratio;
  if (!(evidence > 0) || back > kReturnNats) {
    *this = {};
    return;
  }
  windows += 1;
  own += seen.own;
  values += seen.own * seen.value;
  others += seen.own * seen.others_value;
  over += seen.over;
  under += seen.under;
  variance += variance_seen;
}

double Contrast::dispersion() const {
  return std::clamp((squares_ + kPriorMarks) / (variances_ + kPriorMarks), 1.0, kMostDispersion);
}

double Contrast::estimate() const { return log_odds(over_, under_, kPriorDifference); }

void Contrast::take(Side& up, Side& down, const Stratum& seen, double weight) const {
  const double tempered = weight / dispersion();
  const double tolerated = std::log1p(params_.tolerance);
  const double most = params_.bound * std::numbers::ln2;
  const auto side = [&](Side& runs, double sign) {
    const double null = habit_ + sign * tolerated;
    const double at_null = seen.law.log_moment(null);
    const double variance = dispersion() * seen.law.moments(habit_).variance;
    for (size_t i = 0; i < kRatios; ++i) {
      const double theta = null + sign * kSteps[i];
      const double ratio = (theta - null) * seen.law.seen() - (seen.law.log_moment(theta) - at_null);
      // No difference, against the one that there was so far and is worth looking for.
      const double away = sign * std::max(sign * runs[i].log_odds(), sign * theta);
      const double back =
          runs[i].evidence > 0 ? seen.law.log_moment(away) - at_null - (away - null) * seen.law.seen() : 0;
      runs[i].take(std::min(tempered * ratio, most), std::min(tempered * back, most), seen, variance);
    }
  };
  side(up, 1);
  side(down, -1);
}

void Contrast::describe(Verdict& verdict, const Stratum& seen, const Run& run) const {
  const bool is_since = run.evidence > 0;
  verdict.value = is_since ? run.values / run.own : seen.value;
  verdict.expected = is_since ? run.others / run.own : seen.others_value;
  verdict.since_windows = is_since ? static_cast<uint32_t>(std::clamp(run.windows - 1, 0.0, 4e9)) : 0;
  verdict.effect_absolute = verdict.value - verdict.expected;
  verdict.effect = relative_effect(verdict.value, verdict.expected);
  verdict.direction = verdict.value < verdict.expected ? Direction::down : Direction::up;
  verdict.expected_low = -HUGE_VAL;
  verdict.expected_high = HUGE_VAL;
  if (!seen.is_rate) return;
  const double variance = is_since ? run.variance : dispersion() * seen.law.moments(habit_).variance;
  const double half = kHalfInterval * std::sqrt(variance) / (is_since ? run.own : seen.own);
  verdict.expected_low = std::clamp(verdict.expected - half, 0.0, 1.0);
  verdict.expected_high = std::clamp(verdict.expected + half, 0.0, 1.0);
}

Verdict Contrast::score(const Window& window, const Context& context) const {
  const auto seen = stratum_of(window);
  if (!seen) return {};
  Side up = up_;
  Side down = down_;
  take(up, down, *seen, 1);
  const Run& higher = strongest(up);
  const Run& lower = strongest(down);
  const bool is_two_sided = context.direction == Direction::either;
  const bool looks_up = is_two_sided ? higher.evidence >= lower.evidence : context.direction == Direction::up;
  const Run& run = looks_up ? higher : lower;
  Verdict verdict;
  describe(verdict, *seen, run);
  if (!std::isfinite(verdict.value) || !std::isfinite(verdict.expected)) return {};
  // The difference of the levels may have another sign than that of the marks: then it is none to speak of.
  const bool is_odd = run.evidence > 0 && (verdict.effect_absolute > 0) != looks_up;
  verdict.surprise = is_odd ? 0 : std::clamp(bits_of(run.evidence) - (is_two_sided ? 1 : 0), 0.0, kMaxSurprise);
  verdict.judgement = Judgement::scored;
  return verdict;
}

void Contrast::learn_dispersion(const Stratum& seen, double weight) {
  const double decay = std::exp2(-1 / kHalfLife);
  over_ = decay * over_ + weight * seen.over;
  under_ = decay * under_ + weight * seen.under;
  // Around the difference that there is, or a canary that is worse would only seem to vary.
  const auto expected = seen.law.moments(estimate());
  const double off = seen.law.seen() - expected.mean;
  squares_ = decay * squares_ + weight * off * off;
  variances_ = decay * variances_ + weight * expected.variance;
}

void Contrast::adapt(bool is_confirmed) {
  const Run& higher = strongest(up_);
  const Run& lower = strongest(down_);
  const Run& run = higher.evidence >= lower.evidence ? higher : lower;
  different_ = bits_of(run.evidence) >= kClearBits ? different_ + 1 : std::max(0.0, different_ - 1);
  if (!(run.evidence > 0) || (different_ < params_.adapt_after && !is_confirmed)) return;
  habit_ = run.log_odds();
  up_ = down_ = {};
  different_ = 0;
}

void Contrast::learn(const Window& window, const Decision& decision) {
  const auto seen = stratum_of(window);
  const double weight = std::clamp(std::isnan(decision.weight) ? 0.0 : decision.weight, 0.0, 1.0);
  if (!seen || !(weight > 0)) {
    for (Side* side : {&up_, &down_})
      for (Run& run : *side) run.pass();
    if (decision.confirmed_normal) adapt(true);
    return;
  }
  take(up_, down_, *seen, weight);
  learn_dispersion(*seen, weight);
  adapt(decision.confirmed_normal);
}

void Contrast::save(ByteWriter& out) const {
  out.put(kVersion);
  for (const double value : {habit_, different_, over_, under_, squares_, variances_}) out.put(value);
  for (const Side* side : {&up_, &down_})
    for (const Run& run : *side) {
      out.put(run.evidence);
      if (!(run.evidence > 0)) continue;
      for (const double value :
           {run.back, run.windows, run.own, run.values, run.others, run.over, run.under, run.variance})
        out.put(value);
    }
}

Status Contrast::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  Contrast read(params_, 1);
  bool good = true;
  const auto get = [&](double& value, bool may_be_negative) {
    value = in.get<double>();
    good = good && std::isfinite(value) && (may_be_negative || value >= 0);
  };
  get(read.habit_, true);
  for (double* value : {&read.different_, &read.over_, &read.under_, &read.squares_, &read.variances_})
    get(*value, false);
  good = good && std::abs(read.habit_) <= kMostLogOdds;
  for (Side* side : {&read.up_, &read.down_})
    for (Run& run : *side) {
      get(run.evidence, false);
      if (!(run.evidence > 0)) continue;
      for (double* value : {&run.back, &run.windows, &run.own}) get(*value, false);
      for (double* value : {&run.values, &run.others}) get(*value, true);
      for (double* value : {&run.over, &run.under, &run.variance}) get(*value, false);
      good = good && run.own > 0;
    }
  if (!in.ok()) return Error{"corrupt", "contrast: its state is cut off"};
  if (version != kVersion) return Error{"unknown_version", "contrast: not a version this build can read"};
  if (!good) return Error{"corrupt", "contrast: its state is out of range"};
  up_ = read.up_;
  down_ = read.down_;
  habit_ = read.habit_;
  different_ = read.different_;
  over_ = read.over_;
  under_ = read.under_;
  squares_ = read.squares_;
  variances_ = read.variances_;
  return ok_status();
}

}  // namespace tidewatch
