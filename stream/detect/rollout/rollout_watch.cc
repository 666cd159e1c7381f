#include "stream/detect/rollout/rollout_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tidewatch/v1/state.pb.h"

namespace tidewatch {
namespace {

constexpr std::array<std::pair<std::string_view, RolloutOrder>, 4> kOrders = {{{"promote", RolloutOrder::promote},
                                                                               {"rollback", RolloutOrder::rollback},
                                                                               {"restart", RolloutOrder::restart},
                                                                               {"drill", RolloutOrder::drill}}};

constexpr ptrdiff_t kMostQuantiles = 4;
constexpr size_t kMostSteps = 6;

double quantile_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::p50:
      return 0.5;
    case Statistic::p99:
      return 0.99;
    default:
      return 0.95;
  }
}

}  // namespace

std::optional<RolloutOrder> RolloutWatch::order_of(std::string_view action) {
  for (const auto& [name, order] : kOrders)
    if (name == action) return order;
  return std::nullopt;
}

Result<RolloutWatch> RolloutWatch::make(const RolloutRule& rule, MeasureCatalog& catalog) {
  RolloutWatch out(rule);
  for (const auto& guard : rule.guards) {
    const auto watched = resolve_watched(catalog, guard.measure);
    if (!watched) return Error{"bad_measure", fmt::format("rollouts.{}: {} is no measure", rule.name, guard.measure)};
    const MeasureInfo& info = catalog.info(watched->measure);
    if (info.kind != MeasureKind::rate && info.kind != MeasureKind::distribution)
      return Error{"bad_measure",
                   fmt::format("rollouts.{}: {} is a {} of all traffic, which the arms share unequally; compare a rate "
                               "or a distribution, as cost_per_request or latency_p95",
                               rule.name, guard.measure, name_of(info.kind))};
    GuardPlan plan;
    const bool is_mean = watched->statistic == Statistic::mean || watched->statistic == Statistic::value;
    plan.kind = info.kind == MeasureKind::rate ? GuardPlan::Kind::rate
                : is_mean                      ? GuardPlan::Kind::mean
                                               : GuardPlan::Kind::quantile;
    plan.quantile = quantile_of(watched->statistic);
    plan.is_up_worse = info.worse != Worse::down;
    plan.is_relative = guard.is_relative;
    plan.margin = guard.by;
    plan.is_goal = guard.is_goal;
    out.rule_.plan.guards.push_back(plan);
    out.watched_.push_back({watched->measure, watched->statistic});
  }
  const auto& guards = out.rule_.plan.guards;
  const auto quantiles = std::count_if(guards.begin(), guards.end(),
                                       [](const GuardPlan& plan) { return plan.kind == GuardPlan::Kind::quantile; });
  if (quantiles > kMostQuantiles || rule.plan.steps.size() > kMostSteps)
    return Error{
        "bad_rollout",
        fmt::format("rollouts.{}: what is kept of it must fit into a record: at most {} quantiles (latency_p95) "
                    "and {} steps before 100",
                    rule.name, kMostQuantiles, kMostSteps)};
  out.pane_ = RolloutPane(out.rule_.plan);
  return out;
}

void RolloutWatch::add(const RolloutKey& key, const Cells& cells) {
  has_data_ = true;
  const double requests = cells.requests();
  pane_.requests[static_cast<size_t>(key.arm)][key.group].add({requests, 0, requests});
  for (size_t i = 0; i < watched_.size(); ++i)
    if (const Aggregate* aggregate = cells.find(watched_[i].measure)) add(pane_.guards[i], i, key, *aggregate);
}

void RolloutWatch::add(GuardSums& sums, size_t guard, const RolloutKey& key, const Aggregate& aggregate) const {
  const Observation seen = aggregate.observe();
  if (seen.missing()) return;
  if (plan().guards[guard].kind != GuardPlan::Kind::quantile) {
    const double weight = aggregate.weight();
    sums.sums[static_cast<size_t>(key.arm)][key.group].add({weight, weight * seen.value, seen.n});
    return;
  }
  TailCounts& tail = sums.tail(key.arm, key.group);
  aggregate.for_each_value([&](double value, double weight) { tail.add(value, weight); });
  tail.add_effective(seen.n);
}

bool RolloutWatch::close(Timestamp end, Duration width, std::optional<RolloutNews>& news) {
  const bool has_data = std::exchange(has_data_, false);
  if (!has_data && !rollout_.is_running()) return false;
  const bool is_kept = rollout_.is_running() || pane_.has(Arm::treatment);
  auto told = rollout_.step(plan(), pane_, end, width);
  pane_ = RolloutPane(plan());
  if (told) news = with_readings(std::move(*told));
  return is_kept;
}

std::optional<RolloutNews> RolloutWatch::order(RolloutOrder order, std::string_view id, Timestamp at) {
  auto told = rollout_.order(plan(), order, id, at);
  if (!told) return std::nullopt;
  return with_readings(std::move(*told));
}

RolloutNews RolloutWatch::with_readings(RolloutNews news) const {
  news.readings = rollout_.readings(plan());
  return news;
}

std::string RolloutWatch::save() const {
  v1::RolloutState out;
  out.set_identity(plan().identity());
  ByteWriter state;
  rollout_.save(state);
  out.set_state(std::move(state).bytes());
  return out.SerializeAsString();
}

Status RolloutWatch::load(std::string_view bytes) {
  v1::RolloutState kept;
  if (!kept.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Error{"corrupt", fmt::format("state of the rollout {} is no RolloutState", rule_.name)};
  if (kept.identity() != plan().identity()) return ok_status();
  ByteReader state(kept.state());
  Rollout restored;
  if (auto loaded = restored.load(plan(), state); !loaded) return loaded;
  rollout_ = std::move(restored);
  return ok_status();
}

Result<RolloutBook> RolloutBook::compile(const std::vector<RolloutRule>& rules, MeasureCatalog& catalog) {
  RolloutBook out;
  for (const RolloutRule& rule : rules) {
    auto made = RolloutWatch::make(rule, catalog);
    if (!made) return made.error();
    out.watches_.push_back(std::move(made).value());
  }
  return out;
}

bool RolloutBook::is_running() const {
  return std::any_of(watches_.begin(), watches_.end(), [](const auto& one) { return one.rollout().is_running(); });
}

RolloutWatch* RolloutBook::find(std::string_view name) {
  const auto at =
      std::find_if(watches_.begin(), watches_.end(), [&](const auto& one) { return one.rule().name == name; });
  return at == watches_.end() ? nullptr : &*at;
}

}  // namespace tidewatch
