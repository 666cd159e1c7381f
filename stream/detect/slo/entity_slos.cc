#include "stream/detect/slo/entity_slos.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

void EntitySlos::bind(const EntityGroup& group, const Labels& labels, const SloBook& book) {
  if (is_bound_) return;
  is_bound_ = true;
  for (const CompiledSlo* rule : book.of(group, labels)) {
    const auto known = std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& account) {
      return account.name == rule->rule().name && account.identity == rule->identity();
    });
    if (known != accounts_.end())
      known->rule = rule;
    else
      accounts_.push_back({rule->rule().name, rule->identity(), rule->rule().measure, rule, {}});
  }
  std::sort(accounts_.begin(), accounts_.end(), [](const Account& a, const Account& b) {
    return std::tie(a.name, a.identity) < std::tie(b.name, b.identity);
  });
}

void EntitySlos::charge(const Cells& cells, Timestamp start, Duration pane, const EntityGroup& group,
                        const Labels& labels, const SloBook& book) {
  bind(group, labels, book);
  if (accounts_.empty() || start + pane <= settled_) return;
  settled_ = start + pane;
  for (Account& account : accounts_) {
    if (account.rule == nullptr) continue;
    const Aggregate* seen = cells.find(account.rule->measure());
    if (seen == nullptr) continue;
    if (const auto counts = account.rule->counts(*seen)) account.slo.charge(start, *counts, account.rule->policy());
  }
}

bool EntitySlos::charge_late(const LatePartial& late, Timestamp closed_through, const EntityGroup& group,
                             const Labels& labels, const SloBook& book) {
  bind(group, labels, book);
  if (late.partition == late_partition_ && late.offset <= late_offset_) return false;
  bool is_changed = false;
  for (Account& account : accounts_) {
    if (account.rule == nullptr) continue;
    const Aggregate* seen = late.cells->find(account.rule->measure());
    if (seen == nullptr) continue;
    if (const auto counts = account.rule->counts(*seen))
      is_changed |= account.slo.charge_late(late.pane_start, *counts, account.rule->policy());
  }
  if (!is_changed) return false;
  late_partition_ = late.partition;
  late_offset_ = late.offset;
  settled(closed_through);
  return true;
}

std::vector<SloNews> EntitySlos::decide(Timestamp end, const EntityGroup& group, const Labels& labels,
                                        const SloBook& book, bool is_expected) {
  bind(group, labels, book);
  std::vector<SloNews> out;
  for (Account& account : accounts_) {
    const auto events = account.rule == nullptr ? account.slo.retire(end)
                                                : account.slo.decide(end, account.rule->policy(),
                                                                     is_expected && !account.rule->is_safety());
    for (const SloEvent& event : events) out.push_back({account.rule, account.name, account.measure, event});
  }
  std::erase_if(accounts_, [](const Account& account) { return account.rule == nullptr; });
  if (!accounts_.empty()) settled(end);
  return out;
}

void EntitySlos::hand_over() {
  std::erase_if(accounts_, [](const Account& account) { return !account.slo.is_firing(); });
  for (Account& account : accounts_) account.rule = nullptr;
  is_bound_ = true;
}

bool EntitySlos::is_firing() const {
  return std::any_of(accounts_.begin(), accounts_.end(), [](const auto& account) { return account.slo.is_firing(); });
}

size_t EntitySlos::memory_bytes() const {
  size_t out = sizeof(EntitySlos);
  for (const Account& account : accounts_)
    out += sizeof(Account) - sizeof(Slo) + account.name.size() + account.identity.size() + account.measure.size() +
           account.slo.memory_bytes();
  return out;
}

void EntitySlos::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(settled_.time_since_epoch().count());
  out.put_signed(late_partition_);
  out.put_signed(late_offset_);
  out.put_varint(accounts_.size());
  for (const Account& account : accounts_) {
    out.put_string(account.name);
    out.put_string(account.identity);
    out.put_string(account.measure);
    ByteWriter slo;
    account.slo.save(slo);
    out.put_string(slo.bytes());
  }
}

bool EntitySlos::load(ByteReader& in) {
  if (in.get<uint8_t>() != kVersion) return false;
  settled_ = Timestamp(Duration(in.get<int64_t>()));
  late_partition_ = static_cast<int32_t>(in.get_signed());
  late_offset_ = in.get_signed();
  for (uint64_t left = in.get_count(4); left > 0; --left) {
    Account& account = accounts_.emplace_back();
    account.name = in.get_string();
    account.identity = in.get_string();
    account.measure = in.get_string();
    ByteReader slo(in.get_string());
    if (!account.slo.load(slo)) return false;
  }
  return in.ok();
}

}  // namespace tidewatch
