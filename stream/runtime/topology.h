#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stream/runtime/stage.h"

namespace tidewatch {

/// An internal stream that a stage writes to and that tasks downstream read: watermark marks go to every partition.
struct Downstream {
  Stream stream = Stream::fragments;
  /// What of a record's key decides its partition; null: all of it.
  std::function<std::string(std::string_view key)> placement{};
};

/// A stage's place in the flow. A task is one StageSpec over one partition of one of its inputs.
struct StageSpec {
  std::string name;            ///< "observe", "assemble", "detect"; also the suffix of its consumer group
  std::vector<Stream> inputs;  ///< a task reads one partition of one of them
  std::vector<Downstream> downstream;
  bool is_source = false;  ///< reads public topics: its watermark comes from the data, not from marks
  bool has_state = false;  ///< keeps records in the compacted state topic
  std::function<std::unique_ptr<Stage>()> make;
  std::vector<Stream> feeds{};  ///< public inputs that it writes to as others do; their topics must exist

  /// The one that is written to as `stream`; null: marks do not go there.
  const Downstream* downstream_to(Stream stream) const;
  /// What keys of its state begin with in the state topic. Of a stage with several inputs each has a state of its own,
  /// as its tasks do.
  std::string state_prefix(Stream input) const;
};

}  // namespace tidewatch
