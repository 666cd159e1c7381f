#include "stream/detect/gathered.h"

namespace tidewatch {

Observation observe(const CompiledRule& rule, size_t measure, const Aggregate* aggregate) {
  if (aggregate == nullptr) return {};
  Observation seen = aggregate->observe(rule.measures[measure].statistic);
  seen.domain = rule.domains[measure];
  return seen;
}

void Gathered::add(const CompiledRule& rule, const Cells& cells, Timestamp start) {
  if (empty()) {
    aggregates_.resize(rule.measures.size());
    start_ = start;
  }
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    const Aggregate* aggregate = cells.find(rule.measures[i].measure);
    if (aggregate == nullptr) continue;
    if (aggregates_[i])
      aggregates_[i]->merge(*aggregate);
    else
      aggregates_[i] = *aggregate;
  }
}

const Aggregate* Gathered::find(size_t measure) const {
  return measure < aggregates_.size() && aggregates_[measure] ? &*aggregates_[measure] : nullptr;
}

std::vector<Observation> Gathered::observe(const CompiledRule& rule) const {
  std::vector<Observation> out;
  out.reserve(rule.measures.size());
  for (size_t i = 0; i < rule.measures.size(); ++i) out.push_back(tidewatch::observe(rule, i, find(i)));
  return out;
}

size_t Gathered::memory_bytes() const {
  size_t out = aggregates_.capacity() * sizeof(aggregates_[0]);
  for (const auto& aggregate : aggregates_) out += aggregate ? aggregate->memory_bytes() : 0;
  return out;
}

void Gathered::save(ByteWriter& out) const {
  out.put_varint(aggregates_.size());
  if (empty()) return;
  out.put(start_.time_since_epoch().count());
  for (const auto& aggregate : aggregates_) out.put_string(aggregate ? aggregate->serialize() : std::string());
}

Status Gathered::load(const CompiledRule& rule, ByteReader& in) {
  clear();
  const uint64_t count = in.get_count();
  if (count == 0) return in.ok() ? ok_status() : Status(Error{"corrupt", "gathered windows: cut off"});
  if (count != rule.measures.size()) return Error{"corrupt", "gathered windows: of other measures"};
  Gathered read;
  read.start_ = Timestamp(Duration(in.get<int64_t>()));
  read.aggregates_.resize(count);
  for (auto& aggregate : read.aggregates_) {
    const auto bytes = in.get_string();
    if (bytes.empty()) continue;
    auto made = Aggregate::deserialize(bytes);
    if (!made) return made.error();
    aggregate = std::move(made).value();
  }
  if (!in.ok()) return Error{"corrupt", "gathered windows: cut off"};
  *this = std::move(read);
  return ok_status();
}

}  // namespace tidewatch
