#include "stream/detect/safety/confirmed_cases.h"

#include <algorithm>
#include <chrono>

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
/// Without a case for so long an alert is over.
constexpr Duration kCalm = std::chrono::hours(1);

}  // namespace

std::vector<ConfirmedNews> ConfirmedCases::note(const Cells& cells, Timestamp start, Duration pane, Timestamp now,
                                                const std::vector<SafetyEvaluation>& evaluations) {
  std::vector<ConfirmedNews> out;
  for (const SafetyEvaluation& evaluation : evaluations) {
    const Aggregate* passed = cells.find(evaluation.passed);
    if (passed == nullptr || passed->kind() != MeasureKind::rate) continue;
    const auto [successes, failures] = passed->counts();
    if (!(failures > 0)) continue;
    const auto known = std::find_if(cases_.begin(), cases_.end(),
                                    [&](const Case& open) { return open.evaluation == evaluation.name; });
    if (known != cases_.end()) {
      known->last = std::max(known->last, start + pane);
      continue;
    }
    cases_.push_back({evaluation.name, start, start + pane});
    ConfirmedNews& news = out.emplace_back();
    news.evaluation = evaluation.name;
    news.starts_at = start;
    news.last = start + pane;
    news.observed_at = now;
    news.failed = failures;
    news.evaluated = failures + std::max(0.0, successes);
    news.exemplars = passed->exemplars();
  }
  return out;
}

bool ConfirmedCases::takes_late(int32_t partition, int64_t offset) {
  if (partition == late_partition_ && offset <= late_offset_) return false;
  late_partition_ = partition;
  late_offset_ = offset;
  return true;
}

std::vector<ConfirmedNews> ConfirmedCases::decide(Timestamp end) {
  std::vector<ConfirmedNews> out;
  std::erase_if(cases_, [&](const Case& open) {
    if (end - open.last < kCalm) return false;
    ConfirmedNews& news = out.emplace_back();
    news.evaluation = open.evaluation;
    news.is_resolved = true;
    news.starts_at = open.starts_at;
    news.last = open.last;
    news.observed_at = end;
    return true;
  });
  return out;
}

void ConfirmedCases::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put_signed(late_partition_);
  out.put_signed(late_offset_);
  out.put_varint(cases_.size());
  for (const Case& open : cases_) {
    out.put_string(open.evaluation);
    out.put(open.starts_at.time_since_epoch().count());
    out.put(open.last.time_since_epoch().count());
  }
}

bool ConfirmedCases::load(ByteReader& in) {
  if (in.get<uint8_t>() != kVersion) return false;
  late_partition_ = static_cast<int32_t>(in.get_signed());
  late_offset_ = in.get_signed();
  for (uint64_t left = in.get_count(17); left > 0; --left) {
    Case& open = cases_.emplace_back();
    open.evaluation = in.get_string();
    open.starts_at = Timestamp(Duration(in.get<int64_t>()));
    open.last = Timestamp(Duration(in.get<int64_t>()));
    if (open.last < Timestamp() || open.last > Timestamp::max() - std::chrono::hours(24 * 366)) return false;
  }
  return in.ok();
}

}  // namespace tidewatch
