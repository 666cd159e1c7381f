#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stream/runtime/kafka_options.h"

namespace tidewatch::doctor {

/// Who the brokers take this config's user for: "User:tidewatch" with a name and password, "User:ANONYMOUS" without any
/// proof of who it is, else a placeholder to fill in (certificates and tokens are mapped to names by the brokers'
/// rules).
std::string principal_of(const KafkaOptions& options);

/// The command that gives this user rights. `operations`: as kafka-acls.sh spells them; `resource`: its options that
/// name one, as in "--topic otlp_spans".
std::string grant_command(const KafkaOptions& options, const std::vector<std::string_view>& operations,
                          std::string_view resource);

}  // namespace tidewatch::doctor
