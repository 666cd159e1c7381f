#include "app/doctor/rights_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include "app/doctor/grant.h"
#include "app/flow.h"
#include "stream/runtime/kafka_rights.h"

namespace tidewatch::doctor {
namespace {

bool is_denied(const Status& status) { return !status && status.error().code == "not_authorized"; }

/// One user's rights on one cluster.
class RightsChecker {
 public:
  RightsChecker(const KafkaOptions& options, const std::vector<TopicPlan>& plans,
                const kafka::ClusterDescription& cluster, Duration timeout, Checks& out)
      : options_(options), plans_(plans), cluster_(cluster), timeout_(timeout), out_(out) {}

  std::set<std::string> check() {
    const size_t before = out_.all().size();
    check_topics();
    check_groups();
    check_transactions();
    if (out_.all().size() == before)
      out_.ok("rights", fmt::format("{} may read {} and write {} topics, be a member of the groups {}-* and write in "
                                    "transactions",
                                    principal_of(options_), readable_, writable_, options_.group_prefix));
    return unreadable_;
  }

 private:
  void check_topics() {
    std::vector<std::string> to_read;
    std::vector<std::string> to_write;
    for (const auto& plan : plans_) {
      if (!cluster_.topics.at(plan.name).exists) continue;
      if (plan.is_read) to_read.push_back(plan.name);
      if (plan.is_written) to_write.push_back(plan.name);
    }
    const auto reads = kafka::try_reading(options_, to_read, timeout_);
    const auto writes = kafka::try_writing(options_, to_write, timeout_);
    std::map<std::vector<std::string_view>, std::vector<std::string>> topics_by_missing;
    for (const auto& plan : plans_) {
      std::vector<std::string_view> missing;
      if (plan.is_read && !may(plan.name, reads, readable_)) missing.emplace_back("Read");
      if (plan.is_written && !may(plan.name, writes, writable_)) missing.emplace_back("Write");
      if (!missing.empty()) topics_by_missing[missing].push_back(plan.name);
    }
    for (const auto& [missing, topics] : topics_by_missing) deny(missing, topics);
  }

  /// False when it was denied. Brokers show a topic to those who may read or write it; others are not told whether it
  /// exists.
  bool may(const std::string& topic, const std::map<std::string, Status>& tried, size_t& allowed) {
    const auto& description = cluster_.topics.at(topic);
    if (description.error) return description.error->code != "not_authorized";
    const auto found = tried.find(topic);
    if (found == tried.end()) return true;
    if (is_denied(found->second)) return false;
    if (found->second)
      ++allowed;
    else
      report_unknown("rights " + topic, found->second.error());
    return true;
  }

  void deny(const std::vector<std::string_view>& missing, const std::vector<std::string>& topics) {
    if (missing.front() == "Read") unreadable_.insert(topics.begin(), topics.end());
    const std::string_view verb = missing.size() == 2 ? "read and write" : missing.front() == "Read" ? "read" : "write";
    out_.problem("rights topics",
                 fmt::format("{} may not {} {}", principal_of(options_), verb, fmt::join(topics, ", ")),
                 grant_command(options_, missing, fmt::format("--topic {}", fmt::join(topics, " --topic "))));
  }

  void check_groups() {
    std::vector<std::string> denied;
    for (const char* stage : kStageNames) {
      const std::string group = options_.group_of(stage);
      const auto status = kafka::try_group(options_, group, timeout_);
      if (is_denied(status))
        denied.push_back(group);
      else if (!status)
        report_unknown("rights group " + group, status.error());
    }
    if (!denied.empty()) deny_prefix("groups", "be a member of", denied, "Read", "--group");
  }

  void check_transactions() {
    std::vector<std::string> denied;
    for (const char* stage : kStageNames) {
      // Like those of `run`, but for the number of its thread at the end: this one is nobody's.
      const std::string id = fmt::format("{}-{}{}doctor", options_.group_of(stage), options_.instance,
                                         options_.instance.empty() ? "" : "-");
      const auto status = kafka::try_transactions(options_, id, timeout_);
      if (is_denied(status))
        denied.push_back(id);
      else if (!status)
        report_unknown("rights transactional id " + id, status.error());
    }
    if (!denied.empty())
      deny_prefix("transactional ids", "write in transactions as", denied, "Write", "--transactional-id");
  }

  /// Names that begin alike are granted by their beginning: threads and instances come and go.
  void deny_prefix(std::string_view what, std::string_view verb, const std::vector<std::string>& denied,
                   std::string_view operation, std::string_view option) {
    out_.problem(fmt::format("rights {}", what),
                 fmt::format("{} may not {} {}", principal_of(options_), verb, fmt::join(denied, ", ")),
                 grant_command(options_, {operation},
                               fmt::format("{} {}- --resource-pattern-type prefixed", option, options_.group_prefix)));
  }

  void report_unknown(const std::string& subject, const Error& error) {
    out_.warn(subject, error.message, "whether this user may is not known: look at the broker's log");
  }

  const KafkaOptions& options_;
  const std::vector<TopicPlan>& plans_;
  const kafka::ClusterDescription& cluster_;
  Duration timeout_;
  Checks& out_;
  std::set<std::string> unreadable_;
  size_t readable_ = 0;
  size_t writable_ = 0;
};

}  // namespace

std::set<std::string> check_rights(const KafkaOptions& options, const std::vector<TopicPlan>& plans,
                                   const kafka::ClusterDescription& cluster, Duration timeout, Checks& out) {
  return RightsChecker(options, plans, cluster, timeout, out).check();
}

}  // namespace tidewatch::doctor
