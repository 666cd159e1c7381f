#pragma once

#include <map>
#include <string>
#include <vector>

#include "stream/runtime/kafka_client.h"

/// Whether this user may do what the runner does. Each function tries it with a request that brokers refuse for another
/// reason after they have looked at the rights, so that nothing changes: no record, no offset, no transactional id.
/// (Lists of ACLs could be asked for as well, but that is a right of its own, and says nothing of who this user is.)
/// Errors: `not_authorized`: the right is missing; `broker_unavailable`, `bad_config`, `kafka_error`: it is not known.
namespace tidewatch::kafka {

/// READ of each topic: the end of a partition is read. Pre: the topics exist.
std::map<std::string, Status> try_reading(const KafkaOptions& options, const std::vector<std::string>& topics,
                                          Duration timeout);
/// WRITE to each topic. Pre: the topics exist.
std::map<std::string, Status> try_writing(const KafkaOptions& options, const std::vector<std::string>& topics,
                                          Duration timeout);
/// READ of the group, which members need.
Status try_group(const KafkaOptions& options, const std::string& group, Duration timeout);
/// WRITE to the transactional id. It must not be one that a process uses.
Status try_transactions(const KafkaOptions& options, const std::string& transactional_id, Duration timeout);

}  // namespace tidewatch::kafka
