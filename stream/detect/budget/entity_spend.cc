#include "stream/detect/budget/entity_spend.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

void EntitySpend::bind(const EntityGroup& group, const Labels& labels, const BudgetBook& book) {
  if (is_bound_) return;
  is_bound_ = true;
  has_track_ = !book.empty();
  for (const CompiledBudget* rule : book.of(group, labels)) {
    const auto known = std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& account) {
      return account.name == rule->rule().name && account.identity == rule->identity();
    });
    if (known != accounts_.end())
      known->rule = rule;
    else
      accounts_.push_back({rule->rule().name, rule->identity(), rule, {}});
  }
  std::sort(accounts_.begin(), accounts_.end(), [](const Account& a, const Account& b) {
    return std::tie(a.name, a.identity) < std::tie(b.name, b.identity);
  });
}

void EntitySpend::charge(const Cells& cells, Timestamp start, Duration pane, const EntityGroup& group,
                         const Labels& labels, const BudgetBook& book) {
  bind(group, labels, book);
  if (!has_track_ || start + pane <= settled_) return;
  settled_ = start + pane;
  track_.add(cells, start);
  const Aggregate* cost = cells.find(m_cost);
  if (cost == nullptr) return;
  const double usd = cost->observe().value;
  for (Account& account : accounts_) {
    if (account.rule == nullptr) continue;
    if (const auto amount = account.rule->from_usd(usd, start))
      account.budget.charge(start, *amount, account.rule->policy(), *account.rule);
  }
}

bool EntitySpend::charge_late(const LatePartial& late, Timestamp closed_through, const EntityGroup& group,
                              const Labels& labels, const BudgetBook& book) {
  bind(group, labels, book);
  if (late.partition == late_partition_ && late.offset <= late_offset_) return false;
  bool is_changed = false;
  for (Account& account : accounts_) {
    if (account.rule == nullptr) continue;
    if (const auto amount = account.rule->from_usd(late.usd, late.pane_start))
      is_changed |= account.budget.charge_late(late.pane_start, *amount, account.rule->policy(), *account.rule);
  }
  if (!is_changed) return false;
  late_partition_ = late.partition;
  late_offset_ = late.offset;
  settled(closed_through);
  return true;
}

std::vector<BudgetNews> EntitySpend::decide(Timestamp end, const EntityGroup& group, const Labels& labels,
                                            const BudgetBook& book) {
  bind(group, labels, book);
  std::vector<BudgetNews> out;
  for (Account& account : accounts_) {
    auto events = account.rule == nullptr ? account.budget.retire(end)
                                          : account.budget.decide(end, account.rule->policy(), *account.rule);
    for (const BudgetEvent& event : events) out.push_back({account.rule, account.name, event});
  }
  std::erase_if(accounts_, [](const Account& account) { return account.rule == nullptr; });
  if (has_track_) settled(end);
  return out;
}

void EntitySpend::hand_over() {
  std::erase_if(accounts_, [](const Account& account) { return !account.budget.is_firing(); });
  for (Account& account : accounts_) account.rule = nullptr;
  is_bound_ = true;
  has_track_ = false;
}

bool EntitySpend::is_firing() const {
  return std::any_of(accounts_.begin(), accounts_.end(),
                     [](const auto& account) { return account.budget.is_firing(); });
}

size_t EntitySpend::memory_bytes() const {
  size_t out = sizeof(EntitySpend);
  for (const Account& account : accounts_) out += sizeof(Account) + account.name.size() + account.identity.size();
  return out;
}

void EntitySpend::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(settled_.time_since_epoch().count());
  out.put_signed(late_partition_);
  out.put_signed(late_offset_);
  track_.save(out);
  out.put_varint(accounts_.size());
  for (const Account& account : accounts_) {
    out.put_string(account.name);
    out.put_string(account.identity);
    ByteWriter budget;
    account.budget.save(budget);
    out.put_string(budget.bytes());
  }
}

bool EntitySpend::load(ByteReader& in) {
  if (in.get<uint8_t>() != kVersion) return false;
  settled_ = Timestamp(Duration(in.get<int64_t>()));
  late_partition_ = static_cast<int32_t>(in.get_signed());
  late_offset_ = in.get_signed();
  has_track_ = true;
  if (!track_.load(in)) return false;
  for (uint64_t left = in.get_count(3); left > 0; --left) {
    Account& account = accounts_.emplace_back();
    account.name = in.get_string();
    account.identity = in.get_string();
    ByteReader budget(in.get_string());
    if (!account.budget.load(budget)) return false;
  }
  return in.ok();
}

}  // namespace tidewatch
