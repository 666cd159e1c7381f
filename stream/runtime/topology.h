#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/runtime/stage.h"

namespace tidewatch {

/// A stage's place in the flow. A task is one StageSpec over one partition of one of its inputs.
struct StageSpec {
  std::string name;                  ///< "observe", "assemble", "detect"; also the suffix of its consumer group
  std::vector<Stream> inputs;        ///< stateful stages read exactly one
  std::optional<Stream> downstream;  ///< internal stream that watermark marks are written to (every partition)
  bool is_source = false;            ///< reads public topics: its watermark comes from the data, not from marks
  bool has_state = false;            ///< keeps records in the compacted state topic
  std::function<std::unique_ptr<Stage>()> make;
  /// What of the key of a downstream record decides its partition; null: all of it.
  std::function<std::string(std::string_view key)> placement{};
};

}  // namespace tidewatch
