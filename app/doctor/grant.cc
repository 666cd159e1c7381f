#include "app/doctor/grant.h"

#include <absl/strings/match.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tidewatch::doctor {
namespace {

std::string property(const KafkaOptions& options, const std::string& name, const std::string& otherwise) {
  const auto found = options.properties.find(name);
  return found == options.properties.end() ? otherwise : found->second;
}

}  // namespace

std::string principal_of(const KafkaOptions& options) {
  const std::string protocol = property(options, "security.protocol", "plaintext");
  if (absl::StartsWithIgnoreCase(protocol, "sasl")) {
    const std::string user = property(options, "sasl.username", property(options, "sasl.kerberos.principal", ""));
    return user.empty() ? "User:NAME" : "User:" + user;
  }
  return absl::EqualsIgnoreCase(protocol, "plaintext") ? "User:ANONYMOUS" : "User:NAME";
}

std::string grant_command(const KafkaOptions& options, const std::vector<std::string_view>& operations,
                          std::string_view resource) {
  std::string rights;
  for (const auto operation : operations) rights += fmt::format(" --operation {}", operation);
  return fmt::format("kafka-acls.sh --bootstrap-server {} --add --allow-principal '{}'{} {}",
                     fmt::join(options.brokers, ","), principal_of(options), rights, resource);
}

}  // namespace tidewatch::doctor
