#include "stream/assemble/options.h"

namespace tidewatch {

std::vector<EntityGroup> default_entities() {
  return {{"service"},
          {"service", "endpoint"},
          {"service", "endpoint", "model"},
          {"service", "endpoint", "prompt_version"}};
}

}  // namespace tidewatch
