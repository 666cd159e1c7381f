#include "app/doctor/topic_checks.h"

#include <absl/strings/numbers.h>
#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace tidewatch::doctor {
namespace {

constexpr const char* kFix = "run `tidewatch doctor --fix`";

std::optional<int64_t> number(const kafka::TopicConfig& config, const std::string& name) {
  const auto found = config.find(name);
  int64_t out = 0;
  if (found == config.end() || !absl::SimpleAtoi(found->second, &out)) return std::nullopt;
  return out;
}

std::string kafka_configs(const std::string& topic, std::string_view setting) {
  return fmt::format("kafka-configs.sh --alter --entity-type topics --entity-name {} --add-config {}", topic, setting);
}

/// Of the topics whose readers have state.
struct Widest {
  std::string topic;
  int32_t partitions = 0;
};

/// Looks at one topic.
class TopicChecker {
 public:
  TopicChecker(const TopicPlan& plan, const kafka::ClusterDescription& cluster, Checks& out)
      : plan_(plan), cluster_(cluster), now_(cluster.topics.at(plan.name)), out_(out) {}

  void check(const Result<kafka::TopicConfig>* config, const Widest& stateful) {
    if (now_.error && now_.error->code == "not_authorized")
      return;  // said with the command that grants it: check_rights
    if (now_.error) return out_.problem(plan_.name, now_.error->message, "look at the broker's log");
    if (!now_.exists) return report_missing();
    const size_t before = out_.all().size();
    check_partitions(stateful);
    check_replicas();
    if (config != nullptr && !config->ok()) report_config_error(config->error());
    if (config != nullptr && config->ok()) check_config(**config);
    if (out_.all().size() == before)
      out_.ok(plan_.name, fmt::format("{} partitions, {} replicas{}", now_.partitions, now_.replicas,
                                      plan_.is_compacted ? ", compacted" : ""));
  }

 private:
  void report_missing() {
    if (plan_.role == TopicRole::input)
      out_.warn(plan_.name, fmt::format("does not exist, so no {} arrive (yet)", name_of(plan_.stream)),
                fmt::format("{}, or name the right topic under topics.{}", kFix, name_of(plan_.stream)));
    else
      out_.problem(plan_.name, "does not exist", kFix);
  }

  void check_partitions(const Widest& stateful) {
    if (now_.offline_partitions > 0)
      out_.problem(plan_.name,
                   fmt::format("{} of {} partitions have no leader", now_.offline_partitions, now_.partitions),
                   "bring the missing brokers back: what these partitions hold waits for them");
    if (plan_.stream == Stream::state && now_.partitions < stateful.partitions)
      out_.problem(plan_.name,
                   fmt::format("has {} partitions, {} has {}: state has to have as many", now_.partitions,
                               stateful.topic, stateful.partitions),
                   kFix);
  }

  void check_replicas() {
    if (cluster_.brokers.size() > 1 && now_.replicas < 2)
      out_.warn(plan_.name,
                fmt::format("a partition has one replica although there are {} brokers: what it holds is "
                            "lost with its broker",
                            cluster_.brokers.size()),
                "raise the replication factor to 3 with kafka-reassign-partitions.sh");
  }

  void report_config_error(const Error& error) {
    out_.warn(plan_.name, error.message, "allow this user to DESCRIBE_CONFIGS the topic, or look at it yourself");
  }

  void check_config(const kafka::TopicConfig& config) {
    const auto found = config.find("cleanup.policy");
    const std::string policy = found == config.end() ? "" : found->second;
    const bool compacts = policy.find("compact") != std::string::npos;
    const bool deletes = policy.find("delete") != std::string::npos;
    if (plan_.is_compacted && (!compacts || deletes))
      out_.problem(plan_.name, fmt::format("cleanup.policy is {}: what was learnt is deleted with age", policy),
                   kafka_configs(plan_.name, "cleanup.policy=compact"));
    if (plan_.is_replayed && compacts)
      out_.problem(plan_.name,
                   fmt::format("cleanup.policy is {}: records that a restart has to read again are lost", policy),
                   kafka_configs(plan_.name, "cleanup.policy=delete"));
    if (plan_.is_replayed && deletes) check_retention(config);
    const auto insync = number(config, "min.insync.replicas");
    if (insync && *insync > now_.replicas)
      out_.problem(plan_.name,
                   fmt::format("min.insync.replicas is {} but there are {} replicas: nothing can be "
                               "written",
                               *insync, now_.replicas),
                   kafka_configs(plan_.name, fmt::format("min.insync.replicas={}", now_.replicas)));
  }

  void check_retention(const kafka::TopicConfig& config) {
    const auto kept = number(config, "retention.ms");
    const auto needed = std::chrono::ceil<std::chrono::milliseconds>(plan_.replayed_for).count();
    if (kept && *kept >= 0 && *kept < needed)
      out_.problem(plan_.name,
                   fmt::format("keeps records for {} s, a restart reads up to {} s back", *kept / 1000, needed / 1000),
                   kafka_configs(plan_.name, fmt::format("retention.ms={}", 4 * needed)));
  }

  const TopicPlan& plan_;
  const kafka::ClusterDescription& cluster_;
  const kafka::TopicDescription& now_;
  Checks& out_;
};

}  // namespace

void check_topics(const std::vector<TopicPlan>& plans, const kafka::ClusterDescription& cluster,
                  const TopicConfigs& configs, Checks& out) {
  Widest stateful;
  for (const auto& plan : plans)
    if (const int32_t count = cluster.topics.at(plan.name).partitions; plan.has_state && count > stateful.partitions)
      stateful = {plan.name, count};
  for (const auto& plan : plans) {
    const auto config = configs.find(plan.name);
    TopicChecker(plan, cluster, out).check(config == configs.end() ? nullptr : &config->second, stateful);
  }
}

}  // namespace tidewatch::doctor
