#include "stream/detect/cause/recent_past.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "stream/detect/cause/cause_measures.h"

namespace tidewatch {
namespace {

constexpr double kHalfLifeSeconds = 86400;
/// Less than this of an old share is nothing.
constexpr float kLeastWeight = 0.05F;

Timestamp from_nanos(int64_t value) { return Timestamp(Duration(value)); }

LevelSum level_of(const CauseMeasure& row, const Aggregate& aggregate, double requests) {
  if (row.measure == m_llm_calls) {
    const auto calls = static_cast<float>(aggregate.weight());
    return {static_cast<float>(requests), calls, calls};
  }
  const Observation seen = aggregate.observe(row.statistic);
  if (seen.missing() || !std::isfinite(seen.value)) return {};
  if (seen.kind == MeasureKind::rate) return {static_cast<float>(seen.trials), static_cast<float>(seen.successes), 0};
  return {static_cast<float>(seen.n), static_cast<float>(seen.n * seen.value),
          static_cast<float>(seen.n * seen.n * seen.variance)};
}

}  // namespace

double LevelSum::variance(bool is_rate) const {
  if (!(n > 0)) return 0;
  const double size = n;
  if (!is_rate) return squares / (size * size);
  // Agresti and Coull (1998): a rate of none in ten is not known to be none.
  const double rate = (sum + 1.0) / (size + 2.0);
  return rate * (1 - rate) / (size + 2.0);
}

uint8_t RecentPast::number_of(const std::string& name) {
  auto at = std::find(names_.begin(), names_.end(), name);
  if (at == names_.end() && names_.size() >= kMaxNames) {
    drop_unused_names();
    at = names_.end();
  }
  if (at != names_.end()) return static_cast<uint8_t>(std::distance(names_.begin(), at));
  if (names_.size() >= kMaxNames) return 0;
  names_.push_back(name);
  return static_cast<uint8_t>(names_.size() - 1);
}

void RecentPast::drop_unused_names() {
  constexpr size_t kKept = kMaxNames * 3 / 4;
  std::set<uint8_t> used = {0};
  for (const Span& span : spans_)
    for (const Share& share : span.shares) used.insert(share.name);
  std::vector<Share> old = old_.shares;  // of what is old the heaviest keep their names
  std::stable_sort(old.begin(), old.end(), [](const Share& a, const Share& b) { return a.weight > b.weight; });
  for (const Share& share : old)
    if (used.size() < kKept) used.insert(share.name);
  std::vector<uint8_t> renamed(names_.size(), 0);
  std::vector<std::string> kept;
  for (const uint8_t name : used) {
    renamed[name] = static_cast<uint8_t>(kept.size());
    kept.push_back(names_[name]);
  }
  names_ = std::move(kept);
  for (Span& span : spans_)
    for (Share& share : span.shares) share.name = renamed[share.name];
  std::map<std::pair<uint8_t, uint8_t>, float> sums;
  for (const Share& share : old_.shares) sums[{share.code, renamed[share.name]}] += share.weight;
  old_.shares.clear();
  for (const auto& [key, weight] : sums) old_.shares.push_back({key.first, key.second, weight});
}

RecentPast::Span RecentPast::digest(const Cells& cells, Timestamp start, Timestamp end) {
  Span out;
  out.start = start;
  out.end = end;
  const double requests = cells.requests();
  for (const CauseMeasure& row : cause_measures()) {
    const Aggregate* aggregate = cells.find(row.measure);
    if (aggregate == nullptr) continue;
    if (const LevelSum sum = level_of(row, *aggregate, requests); sum.n > 0) out.levels.push_back({row.code, sum});
  }
  std::sort(out.levels.begin(), out.levels.end(), [](const Level& a, const Level& b) { return a.code < b.code; });
  for (const CauseLabel& row : cause_labels()) {
    const Aggregate* aggregate = cells.find(row.measure);
    if (aggregate == nullptr) continue;
    const CategoryCounts& counts = aggregate->categories();
    double rest = counts.total();
    for (const auto& [name, weight] : counts.top(kMaxValues)) {
      const uint8_t number = number_of(name);
      if (number == 0) continue;
      out.shares.push_back({row.code, number, static_cast<float>(weight)});
      rest -= weight;
    }
    if (rest > 0.5) out.shares.push_back({row.code, 0, static_cast<float>(rest)});
  }
  std::sort(out.shares.begin(), out.shares.end(),
            [](const Share& a, const Share& b) { return std::pair(a.code, a.name) < std::pair(b.code, b.name); });
  return out;
}

void RecentPast::merge(Span& into, const Span& from, float keep) {
  Span out;
  out.start = std::min(into.start, from.start);
  out.end = std::max(into.end, from.end);
  out.windows = into.windows + from.windows;
  const auto scaled = [&](LevelSum sum) { return LevelSum{sum.n * keep, sum.sum * keep, sum.squares * keep * keep}; };
  auto a = into.levels.begin();
  auto b = from.levels.begin();
  while (a != into.levels.end() || b != from.levels.end()) {
    if (b == from.levels.end() || (a != into.levels.end() && a->code < b->code)) {
      out.levels.push_back({a->code, scaled(a->sum)});
      ++a;
    } else if (a == into.levels.end() || b->code < a->code) {
      out.levels.push_back(*b++);
    } else {
      const LevelSum kept = scaled(a->sum);
      out.levels.push_back({a->code, {kept.n + b->sum.n, kept.sum + b->sum.sum, kept.squares + b->sum.squares}});
      ++a;
      ++b;
    }
  }
  const auto key = [](const Share& share) { return std::pair(share.code, share.name); };
  auto c = into.shares.begin();
  auto d = from.shares.begin();
  while (c != into.shares.end() || d != from.shares.end()) {
    Share next;
    if (d == from.shares.end() || (c != into.shares.end() && key(*c) < key(*d))) {
      next = *c++;
      next.weight *= keep;
    } else if (c == into.shares.end() || key(*d) < key(*c)) {
      next = *d++;
    } else {
      next = *c++;
      next.weight = next.weight * keep + (d++)->weight;
    }
    if (next.weight >= kLeastWeight) out.shares.push_back(next);
  }
  out.levels.shrink_to_fit();
  out.shares.shrink_to_fit();
  into = std::move(out);
}

void RecentPast::add(const Cells& cells, Timestamp start, Timestamp end) {
  if (cells.empty()) return;
  Span span = digest(cells, start, end);
  if (span.levels.empty() && span.shares.empty()) return;
  if (spans_.empty()) first_ = start;
  spans_.insert(spans_.begin(), std::move(span));
  age();
}

void RecentPast::age() {
  for (uint32_t length = 1; length <= kLongest; length *= 2) {
    const auto has_length = [&](const Span& span) { return span.windows == length; };
    const auto count = static_cast<size_t>(std::count_if(spans_.begin(), spans_.end(), has_length));
    if (count <= kSpansByLength) return;
    // The oldest of a length is the last; what it grows into, or falls out to, is older still.
    const auto oldest = std::find_if(spans_.rbegin(), spans_.rend(), has_length).base() - 1;
    if (length == kLongest) {
      const double passed = old_.levels.empty() && old_.shares.empty() ? 0 : to_seconds(oldest->end - old_.end);
      const auto keep = static_cast<float>(std::exp2(-std::max(0.0, passed) / kHalfLifeSeconds));
      if (old_.levels.empty() && old_.shares.empty())
        old_ = std::move(*oldest);
      else
        merge(old_, *oldest, keep);
      spans_.erase(oldest);
      return;
    }
    merge(*(oldest - 1), *oldest, 1);
    spans_.erase(oldest);
  }
}

std::vector<Timestamp> RecentPast::beginnings() const {
  std::vector<Timestamp> out;
  out.reserve(spans_.size());
  for (const Span& span : spans_) out.push_back(span.start);
  return out;
}

void RecentPast::collect(const Span& span, Stretch& out) const {
  for (const Level& level : span.levels) {
    const CauseMeasure* row = cause_measure_of(level.code);
    if (row == nullptr) continue;
    LevelSum& sum = out.levels[row->measure];
    sum = {sum.n + level.sum.n, sum.sum + level.sum.sum, sum.squares + level.sum.squares};
  }
  for (const Share& share : span.shares)
    if (const CauseLabel* row = cause_label_of(share.code))
      out.shares[row->measure][names_[share.name]] += share.weight;
}

Stretch RecentPast::before(Timestamp time) const {
  Stretch out;
  collect(old_, out);
  for (const Span& span : spans_)
    if (span.start < time) collect(span, out);
  return out;
}

Stretch RecentPast::since(Timestamp time) const {
  Stretch out;
  for (const Span& span : spans_)
    if (span.start >= time) collect(span, out);
  return out;
}

size_t RecentPast::memory_bytes() const {
  const auto of = [](const Span& span) {
    return span.levels.capacity() * sizeof(Level) + span.shares.capacity() * sizeof(Share);
  };
  size_t out = sizeof(RecentPast) + names_.capacity() * sizeof(std::string) + spans_.capacity() * sizeof(Span);
  for (const Span& span : spans_) out += of(span);
  return out + of(old_);
}

void RecentPast::save(ByteWriter& out) const {
  out.put(static_cast<int64_t>(first_.time_since_epoch().count()));
  out.put_varint(names_.size());
  for (const auto& name : names_) out.put_string(name);
  const auto put = [&](const Span& span) {
    out.put(static_cast<int64_t>(span.start.time_since_epoch().count()));
    out.put(static_cast<int64_t>(span.end.time_since_epoch().count()));
    out.put_varint(span.windows);
    out.put_varint(span.levels.size());
    for (const Level& level : span.levels) {
      out.put(level.code);
      out.put(level.sum.n);
      out.put(level.sum.sum);
      out.put(level.sum.squares);
    }
    out.put_varint(span.shares.size());
    for (const Share& share : span.shares) {
      out.put(share.code);
      out.put(share.name);
      out.put(share.weight);
    }
  };
  put(old_);
  out.put_varint(spans_.size());
  for (const Span& span : spans_) put(span);
}

bool RecentPast::load(ByteReader& in) {
  first_ = from_nanos(in.get<int64_t>());
  names_.clear();
  for (uint64_t left = in.get_count(1); left > 0 && in.ok(); --left) names_.emplace_back(in.get_string());
  if (names_.empty() || names_.size() > kMaxNames) return false;
  const auto get = [&](Span& span) {
    span.start = from_nanos(in.get<int64_t>());
    span.end = from_nanos(in.get<int64_t>());
    span.windows = static_cast<uint32_t>(in.get_varint());
    for (uint64_t left = in.get_count(13); left > 0 && in.ok(); --left) {
      Level level{};
      level.code = in.get<uint8_t>();
      level.sum.n = in.get<float>();
      level.sum.sum = in.get<float>();
      level.sum.squares = in.get<float>();
      span.levels.push_back(level);
    }
    for (uint64_t left = in.get_count(6); left > 0 && in.ok(); --left) {
      Share share{};
      share.code = in.get<uint8_t>();
      share.name = in.get<uint8_t>();
      share.weight = in.get<float>();
      if (share.name >= names_.size()) return false;
      span.shares.push_back(share);
    }
    return in.ok();
  };
  if (!get(old_)) return false;
  for (uint64_t left = in.get_count(19); left > 0 && in.ok(); --left) {
    Span& span = spans_.emplace_back();
    if (!get(span) || span.windows > kLongest || !std::has_single_bit(span.windows)) return false;
  }
  return in.ok();
}

}  // namespace tidewatch
