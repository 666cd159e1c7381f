#include "stream/assemble/options.h"

namespace tidewatch {

std::vector<EntityGroup> default_entities() {
  return {{"service"},
          {"service", "endpoint"},
          {"service", "endpoint", "model"},
          {"service", "endpoint", "prompt_version"},
          {"service", "endpoint", "variant"}};
}

std::vector<std::string> default_ignored_endpoints() {
  return {"/health*", "/healthz", "/ready*", "/live*", "/metrics", "/ping", "/status", "/favicon.ico"};
}

}  // namespace tidewatch
