#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/doctor/check.h"
#include "app/doctor/topic_plan.h"
#include "stream/runtime/kafka_admin.h"

namespace tidewatch::doctor {

/// Configuration of each existing topic, or why it could not be read.
using TopicConfigs = std::map<std::string, Result<kafka::TopicConfig>>;

/// Whether each topic is as planned, a check for each thing that is wrong or one "ok" for the topic. Nothing of those
/// that this user may not describe: check_rights() has them.
void check_topics(const std::vector<TopicPlan>& plans, const kafka::ClusterDescription& cluster,
                  const TopicConfigs& configs, Checks& out);

}  // namespace tidewatch::doctor
