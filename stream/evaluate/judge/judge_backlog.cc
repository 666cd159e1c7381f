#include "stream/evaluate/judge/judge_backlog.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "detectors/sketch/bottom_k.h"

namespace tidewatch {
namespace {

// Other salts than those of the sample and its budget.
constexpr uint64_t kKeptSalt = 3;
constexpr uint64_t kOrderSalt = 4;

constexpr std::array<double, kJudgePriorities> kShares = {0.25, 0.25, 0.5};

template <typename Set>
auto extract(Set& set, typename Set::iterator at) {
  return std::move(set.extract(at).value());
}

}  // namespace

bool JudgeBacklog::InSample::operator()(const Waiting& a, const Waiting& b) const {
  if (a.unit.faults != b.unit.faults) return a.unit.faults < b.unit.faults;
  if (a.unit.period != b.unit.period) return a.unit.period > b.unit.period;
  return std::tie(a.order, a.unit.id, a.unit.job) < std::tie(b.order, b.unit.id, b.unit.job);
}

bool JudgeBacklog::ByPriority::operator()(const Waiting& a, const Waiting& b) const {
  if (a.unit.faults != b.unit.faults) return a.unit.faults < b.unit.faults;
  if (a.unit.priority != b.unit.priority) return a.unit.priority < b.unit.priority;
  if (a.unit.waits_since != b.unit.waits_since) return a.unit.waits_since > b.unit.waits_since;
  return a.unit.job < b.unit.job;
}

Duration JudgeBacklog::stays_until(const Unit& unit) const {
  const JudgePriority as = unit.is_counted ? JudgePriority::random : unit.priority;
  return unit.waits_since + options_.expire[static_cast<size_t>(as)];
}

void JudgeBacklog::offer(Unit unit) {
  if (4 * size() <= options_.capacity) thresholds_ = {1, 1, 1};
  if (unit.is_counted) unit.waits_since = periods_.try_emplace(unit.period, unit.waits_since).first->second;
  give_back(std::move(unit));
}

void JudgeBacklog::give_back(Unit unit) {
  const double rank = sampling_rank(unit.id, kKeptSalt);
  const double order = sampling_rank(unit.id, kOrderSalt);
  insert({std::move(unit), rank, order});
  make_room();
}

void JudgeBacklog::insert(Waiting waiting) {
  next_look_ = std::min(next_look_, stays_until(waiting.unit));
  if (!waiting.unit.is_counted) {
    looked_at_.insert(std::move(waiting));
    return;
  }
  const double threshold = thresholds_[static_cast<size_t>(waiting.unit.priority)];
  if (waiting.rank >= threshold) return leave(std::move(waiting), Reason::over_capacity);
  waiting.unit.kept = std::min(waiting.unit.kept, threshold);
  sample_.insert(std::move(waiting));
}

void JudgeBacklog::make_room() {
  while (size() > options_.capacity) {
    // What is looked at beside the sample may have a quarter.
    if (4 * looked_at_.size() > options_.capacity || sample_.empty())
      leave(extract(looked_at_, std::prev(looked_at_.end())), Reason::over_capacity);
    else
      halve(to_halve());
  }
}

JudgePriority JudgeBacklog::to_halve() const {
  std::array<double, kJudgePriorities> counts{};
  for (const Waiting& waiting : sample_) ++counts[static_cast<size_t>(waiting.unit.priority)];
  size_t at = kJudgePriorities - 1;
  // One of them has its share, since together they have all.
  while (at > 0 && counts[at] < kShares[at] * static_cast<double>(sample_.size())) --at;
  return static_cast<JudgePriority>(at);
}

void JudgeBacklog::halve(JudgePriority priority) {
  const double threshold = thresholds_[static_cast<size_t>(priority)] /= 2;
  std::set<Waiting, InSample> stay;
  while (!sample_.empty()) {
    Waiting waiting = extract(sample_, sample_.begin());
    if (waiting.unit.priority == priority) {
      if (waiting.rank >= threshold) {
        leave(std::move(waiting), Reason::over_capacity);
        continue;
      }
      waiting.unit.kept = std::min(waiting.unit.kept, threshold);
    }
    stay.insert(stay.end(), std::move(waiting));
  }
  sample_ = std::move(stay);
}

void JudgeBacklog::expire(Duration now) {
  if (now < next_look_) return;
  next_look_ = Duration::max();
  const auto look = [&](auto& set, std::vector<Waiting>& expired) {
    for (auto at = set.begin(); at != set.end();) {
      const auto next = std::next(at);
      if (stays_until(at->unit) <= now)
        expired.push_back(extract(set, at));
      else
        next_look_ = std::min(next_look_, stays_until(at->unit));
      at = next;
    }
  };
  std::vector<Waiting> of_sample;
  std::vector<Waiting> others;
  look(sample_, of_sample);
  for (Waiting& waiting : of_sample) {
    if (waiting.unit.priority == JudgePriority::random) {
      leave(std::move(waiting), Reason::expired);
      continue;
    }
    ++left_sample_;
    waiting.unit.is_counted = false;
    insert(std::move(waiting));
  }
  std::erase_if(periods_, [&](const auto& period) { return period.second + options_.expire.back() <= now; });
  look(looked_at_, others);
  for (Waiting& waiting : others) leave(std::move(waiting), Reason::expired);
}

std::optional<JudgeBacklog::Unit> JudgeBacklog::take() {
  // Reported from outside of the sample first: they are few, and somebody waits. Then the sample.
  const auto first = looked_at_.begin();
  const bool is_urgent =
      first != looked_at_.end() && first->unit.priority == JudgePriority::reported && 4 * looked_at_.size() <= size();
  if (is_urgent || sample_.empty())
    return looked_at_.empty() ? std::nullopt : std::optional<Unit>(extract(looked_at_, first).unit);
  return extract(sample_, sample_.begin()).unit;
}

std::vector<JudgeBacklog::Left> JudgeBacklog::take_left() { return std::exchange(left_, {}); }

std::vector<JudgeBacklog::Unit> JudgeBacklog::take_all() {
  std::vector<Unit> out;
  out.reserve(size());
  for (const auto& waiting : sample_) out.push_back(waiting.unit);
  for (const auto& waiting : looked_at_) out.push_back(waiting.unit);
  sample_.clear();
  looked_at_.clear();
  return out;
}

}  // namespace tidewatch
