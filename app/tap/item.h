#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace tidewatch::tap {

/// One thing that a record says, for people and for programs. A record of spans has one for each span.
struct Item {
  std::string line;              ///< one line of text
  nlohmann::ordered_json value;  ///< the same with every number and label; never a text of users or models
};

}  // namespace tidewatch::tap
