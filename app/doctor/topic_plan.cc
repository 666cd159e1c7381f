#include "app/doctor/topic_plan.h"

#include <algorithm>
#include <chrono>

#include "app/flow.h"

namespace tidewatch::doctor {
namespace {

constexpr int32_t kReplicas = 3;
constexpr Duration kInternalRetention = std::chrono::hours(24);
/// Only closed segments are compacted: with the usual 1 GiB a restart would read a gigabyte of outdated state.
constexpr const char* kStateSegmentBytes = "67108864";

TopicRole role_of(Stream stream) {
  switch (stream) {
    case Stream::traces:
    case Stream::logs:
    case Stream::feedback:
    case Stream::evaluations:
    case Stream::commands:
      return TopicRole::input;
    case Stream::fragments:
    case Stream::partials:
    case Stream::turns:
    case Stream::eval_requests:
    case Stream::raised:
    case Stream::progress:
    case Stream::state:
      return TopicRole::internal;
    default:
      return TopicRole::output;
  }
}

Duration widest_window(const DetectOptions& options) {
  Duration out = std::max(options.pane, options.score_window);
  for (const auto& rule : options.rules) out = std::max(out, rule.window);
  return out;
}

/// How long an answer may wait for a judge.
Duration longest_judgement(const Config& config) {
  if (config.judge.rules.empty()) return {};
  const auto& expire = config.judge.backlog.expire;
  return *std::max_element(expire.begin(), expire.end());
}

Duration replayed_for(Stream stream, const Config& config) {
  const Duration traces = config.assemble.join_horizon + config.assemble.trace_timeout;
  const Duration windows = widest_window(config.detect) + config.detect.allowed_lateness;
  const Duration sessions = config.session.longest + config.session.gap;
  switch (stream) {
    case Stream::fragments:
      return traces;
    case Stream::turns:
      return sessions;
    case Stream::partials:
      return windows;
    case Stream::eval_requests:  // a period is offered when it has ended, and judged over one more
      return 3 * config.assemble.sampling.period + config.assemble.longest_wait() + longest_judgement(config);
    case Stream::progress:
      return std::max({traces, sessions, windows});
    default:
      return {};
  }
}

/// A public input that Tidewatch writes to itself.
bool is_fed(Stream stream, const Config& config) { return stream == Stream::evaluations && evaluates(config); }

/// What sinks are told of.
bool is_told(Stream stream, const Config& config) {
  return !config.sinks.empty() && (stream == Stream::alerts || stream == Stream::incidents);
}

int32_t wanted_partitions(const TopicPlan& plan, const kafka::TopicDescription& now, int32_t stateful,
                          const FixOptions& options) {
  // The state of what a partition has lies in the partition of the same number.
  const int32_t least = plan.stream == Stream::state ? stateful : 0;
  return now.exists ? std::max(now.partitions, least) : std::max(options.partitions, least);
}

kafka::TopicConfig config_of(const TopicPlan& plan, int32_t replicas) {
  kafka::TopicConfig out;
  if (replicas >= kReplicas) out["min.insync.replicas"] = "2";
  if (plan.is_compacted) {
    out["cleanup.policy"] = "compact";
    out["segment.bytes"] = kStateSegmentBytes;
  }
  if (plan.is_replayed) {
    const auto kept = std::max(kInternalRetention, 4 * plan.replayed_for);
    out["cleanup.policy"] = "delete";
    out["retention.ms"] = std::to_string(std::chrono::ceil<std::chrono::milliseconds>(kept).count());
    out["retention.bytes"] = "-1";
  }
  return out;
}

}  // namespace

std::vector<TopicPlan> topic_plans(const Config& config) {
  std::vector<TopicPlan> out;
  for (int i = 0; i < kStreamCount; ++i) {
    const auto stream = static_cast<Stream>(i);
    TopicPlan plan;
    plan.stream = stream;
    plan.name = config.kafka.topics.of(stream);
    plan.role = role_of(stream);
    plan.is_read = plan.role != TopicRole::output || is_told(stream, config);
    plan.has_state = stream == Stream::partials || stream == Stream::raised || is_told(stream, config);
    plan.is_written = plan.role != TopicRole::input || is_fed(stream, config);
    plan.is_compacted = stream == Stream::state || stream == Stream::alerts_state;
    plan.is_replayed = plan.role == TopicRole::internal && !plan.is_compacted;
    plan.replayed_for = replayed_for(stream, config);
    out.push_back(std::move(plan));
  }
  return out;
}

std::vector<TopicFix> fixes(const std::vector<TopicPlan>& plans, const kafka::ClusterDescription& cluster,
                            const FixOptions& options) {
  const int32_t replicas = std::clamp(static_cast<int32_t>(cluster.brokers.size()), 1, kReplicas);
  int32_t stateful = 0;
  for (const auto& plan : plans)
    if (const auto& now = cluster.topics.at(plan.name); plan.has_state)
      stateful = std::max(stateful, now.exists ? now.partitions : options.partitions);
  std::vector<TopicFix> out;
  for (const auto& plan : plans) {
    const auto& now = cluster.topics.at(plan.name);
    const int32_t wanted = wanted_partitions(plan, now, stateful, options);
    if (now.error || (now.exists && now.partitions >= wanted)) continue;
    out.push_back({{plan.name, wanted, replicas, config_of(plan, replicas)}, now.exists});
  }
  return out;
}

}  // namespace tidewatch::doctor
