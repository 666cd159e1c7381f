#pragma once

#include <cstdint>
#include <string>

#include "app/gen/simulator.h"
#include "detectors/core/result.h"

namespace tidewatch {

struct TrafficFiles {
  std::string folder;
  std::string format = "jsonl";  ///< of the spans: jsonl (OTLP/JSON lines) or binpb (length-delimited OTLP protobuf)
  std::string compress;          ///< of spans and feedback: gz, zst or nothing
};

struct WrittenTraffic {
  uint64_t spans = 0;
  uint64_t messages = 0;  ///< of traces
  uint64_t votes = 0;
};

/// Creates the folder and writes labels.jsonl (docs/gen.md). Codes: `open_failed`, `write_failed`.
Status write_labels(const gen::Scenario& scenario, const std::string& folder);

/// Writes spans, feedback and the sessions that have ended (sessions.jsonl, docs/gen.md) into the folder, with a
/// progress bar on a terminal. The simulator's encoding is that of `files.format`. Codes: `open_failed`,
/// `write_failed`.
Result<WrittenTraffic> write_traffic(const gen::Simulator& simulator, const TrafficFiles& files);

}  // namespace tidewatch
