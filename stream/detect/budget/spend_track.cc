#include "stream/detect/budget/spend_track.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace tidewatch {
namespace {

constexpr Duration kSettledAfter = std::chrono::hours(12);
constexpr double kLeastHours = 1.0 / 60;

double hours_between(Timestamp from, Timestamp to) { return std::max(0.0, to_seconds(to - from) / 3600); }

double sum_of(const Cells& cells, MeasureId measure) {
  const Aggregate* found = cells.find(measure);
  return found == nullptr ? 0 : found->observe().value;
}

}  // namespace

void SpendTrack::add(const Cells& cells, Timestamp start) {
  if (since_ == kMinTimestamp) since_ = at_ = start;
  const double passed = hours_between(at_, start);
  const Sums added = {sum_of(cells, m_cost), sum_of(cells, m_requests), sum_of(cells, m_input_tokens),
                      sum_of(cells, m_output_tokens)};
  for (size_t i = 0; i < added.size(); ++i) {
    recent_[i] = recent_[i] * std::exp2(-passed / kRecentHours) + added[i];
    usual_[i] = usual_[i] * std::exp2(-passed / kUsualHours) + added[i];
  }
  at_ = std::max(at_, start);
}

SpendRates SpendTrack::rates(const Sums& sums, double half_life, Timestamp now) const {
  if (since_ == kMinTimestamp) return {};
  const double kept = std::exp2(-hours_between(at_, now) / half_life);
  // Hours of weight that there were since the beginning: the integral of what is kept.
  const double age = std::max(hours_between(since_, now), kLeastHours);
  const double weight = half_life / std::log(2.0) * (1 - std::exp2(-age / half_life));
  const auto rate = [&](size_t i) { return std::max(0.0, sums[i] * kept / weight); };
  return {rate(0), rate(1), rate(2), rate(3)};
}

bool SpendTrack::is_settled(Timestamp now) const { return since_ != kMinTimestamp && now - since_ >= kSettledAfter; }

void SpendTrack::save(ByteWriter& out) const {
  for (const Timestamp time : {since_, at_}) out.put(time.time_since_epoch().count());
  for (const Sums* sums : {&recent_, &usual_})
    for (const double sum : *sums) out.put(sum);
}

bool SpendTrack::load(ByteReader& in) {
  for (Timestamp* time : {&since_, &at_}) *time = Timestamp(Duration(in.get<int64_t>()));
  bool is_sound = (since_ == kMinTimestamp) == (at_ == kMinTimestamp) && since_ <= at_;
  if (since_ != kMinTimestamp) is_sound = is_sound && since_ >= Timestamp() && at_ < kMaxTimestamp - kSettledAfter;
  for (Sums* sums : {&recent_, &usual_})
    for (double& sum : *sums) {
      sum = in.get<double>();
      is_sound = is_sound && std::isfinite(sum);
    }
  return in.ok() && is_sound;
}

}  // namespace tidewatch
