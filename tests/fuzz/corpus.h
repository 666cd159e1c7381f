#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "stream/runtime/record.h"

namespace tidewatch::fuzz {

/// A message as it should be.
struct Message {
  Stream stream = Stream::traces;  ///< traces, logs, feedback or evaluations
  std::string bytes;
};

/// Good messages of every input topic and encoding: those of the simulation (OTLP as protobuf and JSON, feedback,
/// evaluations), the examples of docs/topics (feedback in the shapes of other systems among them), the captures of
/// instrumentations where the shared samples are, and attribute values nested up to what is refused and far beyond.
const std::vector<Message>& corpus();

/// All of a file; empty when there is none.
std::string read_file(const std::filesystem::path& path);

}  // namespace tidewatch::fuzz
