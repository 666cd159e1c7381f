#include "app/backtest/comparison.h"

#include <algorithm>
#include <map>

#include "stream/window/entity.h"

namespace tidewatch {
namespace {

using Kind = AlertDifference::Kind;

Timestamp time_of(const google::protobuf::Timestamp& time) {
  return Timestamp(std::chrono::seconds(time.seconds()) + std::chrono::nanoseconds(time.nanos()));
}

/// What makes alerts of two configs comparable: rule, measure where the rule has a pattern, entity.
std::string key_of(const BacktestRun& run, const v1::Alert& alert) {
  std::string out = watch_of(run.config(), alert.rule(), alert.measure());
  const std::map<std::string, std::string> sorted(alert.labels().begin(), alert.labels().end());
  for (const auto& [name, value] : sorted) out.append("\n").append(name).append("=").append(value);
  return out;
}

/// The key under which the alert's entity was judged: labels in the order of its group.
std::string entity_of(const BacktestRun& run, const v1::Alert& alert) {
  Labels labels;
  for (const auto& [name, value] : alert.labels()) labels.set(name, value);
  const auto key_in = [&](const EntityGroup& group) {
    const bool is_it = group.size() == static_cast<size_t>(alert.labels().size());
    return is_it ? entity_key(group, labels) : std::string();
  };
  for (const auto& group : run.config().detect.entities)
    if (auto key = key_in(group); !key.empty()) return key;
  return {};
}

std::map<std::string, std::vector<AlertEpisode>> episodes_of(const BacktestRun& run) {
  std::map<std::string, std::vector<AlertEpisode>> out;
  std::map<std::string, std::pair<std::string, size_t>> open;  // by id: where it is
  const auto& alerts = run.alerts();
  for (size_t place = 0; place < alerts.size(); ++place) {
    const v1::Alert& alert = alerts[place];
    const auto known = open.find(alert.id());
    if (known == open.end()) {
      if (alert.transition() == "resolved") continue;
      const std::string key = key_of(run, alert);
      auto& episodes = out[key];
      open[alert.id()] = {key, episodes.size()};
      episodes.push_back(
          {&alert, place, alert.severity(), time_of(alert.starts_at()), time_of(alert.observed_at()), {}});
      continue;
    }
    AlertEpisode& episode = out[known->second.first][known->second.second];
    // Fired again soon after its end, it goes on.
    if (alert.transition() == "resolved")
      episode.resolved_at = time_of(alert.observed_at());
    else
      episode.resolved_at.reset();
    if (alert.severity() == "page") episode.severity = alert.severity();
  }
  return out;
}

Duration apart(const AlertEpisode& a, const AlertEpisode& b) {
  const Duration difference = a.observed_at - b.observed_at;
  return difference < Duration::zero() ? -difference : difference;
}

bool is_same_alert(const AlertEpisode& a, const AlertEpisode& b) {
  const auto end = [](const AlertEpisode& episode) { return episode.resolved_at.value_or(kMaxTimestamp); };
  return (a.starts_at <= end(b) && b.starts_at <= end(a)) || apart(a, b) <= ComparisonNotes::kReach;
}

/// Pairs the episodes of one rule on one entity, nearest first in time order.
void pair_up(const std::vector<AlertEpisode>& before, std::vector<AlertEpisode> after,
             std::vector<std::pair<std::optional<AlertEpisode>, std::optional<AlertEpisode>>>& out) {
  for (const AlertEpisode& episode : before) {
    auto nearest = after.end();
    for (auto at = after.begin(); at != after.end(); ++at)
      if (is_same_alert(episode, *at) && (nearest == after.end() || apart(episode, *at) < apart(episode, *nearest)))
        nearest = at;
    if (nearest == after.end()) {
      out.emplace_back(episode, std::nullopt);
      continue;
    }
    out.emplace_back(episode, *nearest);
    after.erase(nearest);
  }
  for (const AlertEpisode& episode : after) out.emplace_back(std::nullopt, episode);
}

/// What was judged of the time in which an alert began elsewhere.
std::vector<TracedVerdict> while_it_began(const std::vector<TracedVerdict>& verdicts, const AlertEpisode& episode) {
  std::vector<TracedVerdict> out;
  for (const TracedVerdict& verdict : verdicts)
    if (verdict.end > episode.starts_at && verdict.start < episode.observed_at) out.push_back(verdict);
  return out;
}

/// Why `run` has no alert where `episode` fired, or has it only later.
std::vector<Reason> reasons_of(const AlertEpisode& episode, bool is_later, const BacktestRun& run,
                               const ComparisonNotes& notes, const std::vector<ConfigDifference>& differences) {
  auto verdicts = while_it_began(notes.at(episode.place), episode);
  if (!is_later) return why_absent(*episode.fired, run.config(), verdicts, differences);
  // Of one that comes later, only what was known by then.
  const bool was_filling = !verdicts.empty();
  std::erase_if(verdicts, [&](const TracedVerdict& verdict) { return verdict.end > episode.observed_at; });
  if (!was_filling || !verdicts.empty()) return why_absent(*episode.fired, run.config(), verdicts, differences);
  std::vector<Reason> out = {{"window_open", "its window was not over yet"}};
  for (auto& reason : config_reasons(episode.fired->rule(), differences)) out.push_back(std::move(reason));
  return out;
}

}  // namespace

void ComparisonNotes::take(bool is_end) {
  const auto& alerts = fires_->alerts();
  while (notes_.size() < alerts.size()) {
    const v1::Alert& alert = alerts[notes_.size()];
    const Timestamp at = time_of(alert.observed_at());
    if (alert.transition() != "fired") {
      notes_.emplace_back();
      continue;
    }
    if (!is_end && asked_->verdicts().newest() < at + kReach) return;
    notes_.push_back(asked_->verdicts().between(entity_of(*asked_, alert),
                                                watch_of(asked_->config(), alert.rule(), alert.measure()), at - kReach,
                                                at + kReach));
  }
}

Comparison compare(const BacktestRun& before, const BacktestRun& after, const ComparisonNotes& of_before,
                   const ComparisonNotes& of_after) {
  Comparison out;
  out.config = config_differences(before.config(), after.config());
  auto left = episodes_of(before);
  auto right = episodes_of(after);
  std::vector<std::pair<std::optional<AlertEpisode>, std::optional<AlertEpisode>>> pairs;
  for (auto& [key, episodes] : left) {
    out.before += episodes.size();
    pair_up(episodes, right[key], pairs);
  }
  for (auto& [key, episodes] : right) {
    out.after += episodes.size();
    if (!left.contains(key)) pair_up({}, episodes, pairs);
  }
  const auto absent = [&](const AlertEpisode& episode, bool is_later, const BacktestRun& run,
                          const ComparisonNotes& notes) {
    return reasons_of(episode, is_later, run, notes, out.config);
  };
  for (auto& [a, b] : pairs) {
    AlertDifference difference{.before = a, .after = b};
    if (!b) {
      difference.kind = Kind::vanishes;
      difference.reasons = absent(*a, false, after, of_before);
    } else if (!a) {
      difference.kind = Kind::appears;
      difference.reasons = absent(*b, false, before, of_after);
    } else if (a->observed_at != b->observed_at || a->starts_at != b->starts_at) {
      difference.kind = Kind::moves;
      // Asked of the one that was later: what did it lack when the other fired?
      if (a->observed_at < b->observed_at)
        difference.reasons = absent(*a, true, after, of_before);
      else if (b->observed_at < a->observed_at)
        difference.reasons = absent(*b, true, before, of_after);
      else
        difference.reasons = config_reasons(a->fired->rule(), out.config);
    } else if (a->severity != b->severity) {
      difference.kind = Kind::changes_severity;
      difference.reasons = config_reasons(a->fired->rule(), out.config);
    } else {
      ++out.same;
      continue;
    }
    out.differences.push_back(std::move(difference));
  }
  std::stable_sort(out.differences.begin(), out.differences.end(), [](const auto& a, const auto& b) {
    const auto time = [](const AlertDifference& d) { return (d.before ? d.before : d.after)->observed_at; };
    return time(a) < time(b);
  });
  return out;
}

}  // namespace tidewatch
