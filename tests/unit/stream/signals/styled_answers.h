#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "tests/unit/stream/signals/labelled.h"

namespace tidewatch {

/// An answer of refusal_manners.yaml or refusal_fresh.yaml.
struct StyledAnswer {
  std::string style;
  LabelledAnswer labelled;
};

inline std::vector<StyledAnswer> read_styled(const std::string& path) {
  std::vector<StyledAnswer> out;
  for (const auto& style : YAML::LoadFile(path))
    for (const auto* kind : {"declines", "answers"})
      for (const auto& pair : style.second[kind])
        out.push_back(
            {style.first.as<std::string>(),
             {pair[0].as<std::string>(), pair[1].as<std::string>(), std::string_view(kind) == "declines", '0'}});
  return out;
}

}  // namespace tidewatch
