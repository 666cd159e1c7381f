#include "detectors/sketch/exemplar.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "detectors/sketch/distinct.h"

namespace tidewatch {
namespace {

constexpr size_t kMaxIdBytes = 64;
constexpr size_t kMinBytesOnWire = 12;

void put_exemplar(ByteWriter& out, const Exemplar& exemplar, const std::vector<std::string>& topics) {
  out.put_string(exemplar.trace_id);
  out.put(exemplar.value);
  const auto topic = std::find(topics.begin(), topics.end(), exemplar.topic);
  out.put_varint(static_cast<uint64_t>(topic - topics.begin()));
  out.put_signed(exemplar.partition);
  out.put_signed(exemplar.offset);
  out.put_signed(exemplar.time.time_since_epoch().count());
}

}  // namespace

bool ExemplarSet::comes_before(const Ranked& a, const Ranked& b) {
  // Total on everything that can differ, so that ties are broken the same way whatever the order of arrival.
  const auto key = [](const Ranked& r) {
    return std::tie(r.order, r.hash, r.exemplar.trace_id, r.exemplar.value, r.exemplar.time, r.exemplar.topic,
                    r.exemplar.partition, r.exemplar.offset);
  };
  return key(a) < key(b);
}

void ExemplarSet::insert(std::vector<Ranked>& into, size_t limit, double order, uint64_t hash, const Exemplar& exemplar,
                         double value) {
  if (into.size() == limit && std::tie(order, hash) > std::tie(into.back().order, into.back().hash)) return;
  Ranked ranked{order, hash, exemplar};
  ranked.exemplar.value = value;
  const auto same =
      std::find_if(into.begin(), into.end(), [&](const Ranked& r) { return r.exemplar.trace_id == exemplar.trace_id; });
  if (same != into.end()) {
    if (!comes_before(ranked, *same)) return;
    into.erase(same);
  }
  into.insert(std::upper_bound(into.begin(), into.end(), ranked, comes_before), std::move(ranked));
  if (into.size() > limit) into.pop_back();
}

void ExemplarSet::insert_both(const Exemplar& exemplar, double value) {
  const double order = worst_end_ == WorstEnd::largest ? -value : value;
  const bool is_worst = worst_.size() < kWorst || order <= worst_.back().order;
  if (!is_worst && keep_ == Keep::worst) return;  // the usual case: no hash needed
  const uint64_t hash = hash_key(exemplar.trace_id);
  if (is_worst) insert(worst_, kWorst, order, hash, exemplar, value);
  if (keep_ == Keep::worst_and_typical) insert(typical_, kTypical, 0, hash, exemplar, value);
}

void ExemplarSet::offer(const Exemplar& exemplar, double value) {
  if (exemplar.trace_id.empty() || exemplar.trace_id.size() > kMaxIdBytes || std::isnan(value)) return;
  insert_both(exemplar, value + 0.0);  // no negative zero
}

void ExemplarSet::merge(const ExemplarSet& other) {
  if (&other == this) return;
  for (const auto* list : {&other.worst_, &other.typical_})
    for (const Ranked& ranked : *list) insert_both(ranked.exemplar, ranked.exemplar.value);
}

std::vector<Exemplar> ExemplarSet::all() const {
  std::vector<Exemplar> out;
  out.reserve(worst_.size() + typical_.size());
  for (const Ranked& ranked : worst_) out.push_back(ranked.exemplar);
  for (const Ranked& ranked : typical_)
    if (std::none_of(worst_.begin(), worst_.end(),
                     [&](const Ranked& worst) { return worst.exemplar.trace_id == ranked.exemplar.trace_id; }))
      out.push_back(ranked.exemplar);
  return out;
}

size_t ExemplarSet::memory_bytes() const {
  size_t bytes = sizeof(*this) + (worst_.capacity() + typical_.capacity()) * sizeof(Ranked);
  const size_t inline_bytes = std::string().capacity();
  for (const auto* list : {&worst_, &typical_})
    for (const Ranked& ranked : *list)
      for (const auto* text : {&ranked.exemplar.trace_id, &ranked.exemplar.topic})
        if (text->capacity() > inline_bytes) bytes += text->capacity() + 1;
  return bytes;
}

void ExemplarSet::serialize(ByteWriter& out) const {
  // Both lists in full: which of the typical ones are also among the worst changes with a merge.
  std::vector<std::string> topics;
  for (const auto* list : {&worst_, &typical_})
    for (const Ranked& ranked : *list) topics.push_back(ranked.exemplar.topic);
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  out.put_varint(topics.size());
  for (const auto& topic : topics) out.put_string(topic);
  for (const auto* list : {&worst_, &typical_}) {
    out.put_varint(list->size());
    for (const Ranked& ranked : *list) put_exemplar(out, ranked.exemplar, topics);
  }
}

bool ExemplarSet::deserialize(ByteReader& in) {
  const uint64_t topic_count = in.get_count();
  if (topic_count > kWorst + kTypical) return false;
  std::vector<std::string> topics(topic_count);
  for (auto& topic : topics) topic = in.get_string();
  for (size_t list = 0; list < 2; ++list) {
    const uint64_t count = in.get_count(kMinBytesOnWire);
    if (count > (list == 0 ? kWorst : kTypical)) return false;
    for (uint64_t i = 0; i < count; ++i) {
      Exemplar exemplar;
      exemplar.trace_id = in.get_string();
      exemplar.value = in.get<double>();
      const uint64_t topic = in.get_varint();
      const int64_t partition = in.get_signed();
      exemplar.partition = static_cast<int32_t>(partition);
      exemplar.offset = in.get_signed();
      exemplar.time = Timestamp(Duration(in.get_signed()));
      if (!in.ok() || topic >= topics.size() || exemplar.partition != partition) return false;
      exemplar.topic = topics[topic];
      offer(exemplar, exemplar.value);
    }
  }
  return in.ok();
}

}  // namespace tidewatch
