#include "stream/detect/known_values.h"

#include <algorithm>
#include <limits>

#include "detectors/sketch/distinct.h"

namespace tidewatch {

std::vector<FirstSight> KnownValues::note(const std::vector<v1::Sighting>& seen, bool is_silent) {
  std::vector<FirstSight> out;
  for (const auto& sighting : seen) {
    const auto first = values_.lower_bound({sighting.label(), 0});
    const auto last = values_.upper_bound({sighting.label(), std::numeric_limits<uint64_t>::max()});
    if (static_cast<size_t>(std::distance(first, last)) >= kMaxValues) continue;
    if (!values_.emplace(sighting.label(), hash_key(sighting.value())).second || is_silent) continue;
    out.push_back(
        {Timestamp(Duration(sighting.time_unix_nano())), sighting.label(), sighting.value(), sighting.trace_id()});
  }
  const auto order = [](const FirstSight& a, const FirstSight& b) {
    return std::tie(a.at, a.label, a.value) < std::tie(b.at, b.label, b.value);
  };
  std::sort(out.begin(), out.end(), order);
  recent_.insert(recent_.end(), out.begin(), out.end());
  std::sort(recent_.begin(), recent_.end(), order);
  if (recent_.size() > kMaxRecent) recent_.erase(recent_.begin(), recent_.end() - kMaxRecent);
  return out;
}

std::vector<FirstSight> KnownValues::recent(Timestamp from, Timestamp through) const {
  std::vector<FirstSight> out;
  std::copy_if(recent_.begin(), recent_.end(), std::back_inserter(out),
               [&](const FirstSight& sight) { return sight.at >= from && sight.at <= through; });
  return out;
}

void KnownValues::save(ByteWriter& out) const {
  out.put_varint(values_.size());
  for (const auto& [label, hash] : values_) {
    out.put_string(label);
    out.put(hash);
  }
  out.put_varint(recent_.size());
  for (const auto& sight : recent_) {
    out.put(static_cast<int64_t>(sight.at.time_since_epoch().count()));
    out.put_string(sight.label);
    out.put_string(sight.value);
  }
}

bool KnownValues::load(ByteReader& in) {
  for (uint64_t left = in.get_count(9); left > 0 && in.ok(); --left) {
    std::string label(in.get_string());
    values_.emplace(std::move(label), in.get<uint64_t>());
  }
  for (uint64_t left = in.get_count(10); left > 0 && in.ok(); --left) {
    FirstSight sight;
    sight.at = Timestamp(Duration(in.get<int64_t>()));
    sight.label = std::string(in.get_string());
    sight.value = std::string(in.get_string());
    recent_.push_back(std::move(sight));
  }
  return in.ok();
}

}  // namespace tidewatch
