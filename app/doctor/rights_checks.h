#pragma once

#include <set>
#include <string>
#include <vector>

#include "app/doctor/check.h"
#include "app/doctor/topic_plan.h"
#include "stream/runtime/kafka_admin.h"

namespace tidewatch::doctor {

/// Whether the config's user may do what `tidewatch run` does: read and write topics, be a member of its groups, write
/// in transactions. It is tried, and changes nothing; what is missing is told with the command that grants it. Topics
/// that do not exist are passed over. Returns the topics that may not be read.
std::set<std::string> check_rights(const KafkaOptions& options, const std::vector<TopicPlan>& plans,
                                   const kafka::ClusterDescription& cluster, Duration timeout, Checks& out);

}  // namespace tidewatch::doctor
