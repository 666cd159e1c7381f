#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "stream/runtime/output_batch.h"
#include "stream/runtime/topology.h"

namespace tidewatch::bench {

/// What one stage reads: records, and the watermark after each batch of them.
struct Input {
  struct Item {
    std::string key;
    std::string value;
    Timestamp watermark = kMinTimestamp;  ///< to be applied after it; kMinTimestamp: none
  };
  Stream stream = Stream::traces;
  std::vector<Item> items;
  size_t bytes = 0;

  void add(std::string key, std::string value);
};

/// One hour of three services at 100 requests per minute each, as each stage of the default config reads it.
struct Inputs {
  Input protobuf;
  Input json;
  Input fragments;
  Input partials;
  std::vector<std::pair<std::string, std::string>> states;  ///< compacted records of detect at the end of the hour
  size_t spans = 0;
};
const Inputs& inputs();

/// Stages of the default config.
const std::vector<StageSpec>& flow();

/// Runs a whole input through `stage`; `keep` is told of the outputs of every batch.
using Keep = std::function<void(const OutputBatch& batch, Timestamp watermark)>;
void run(Stage& stage, const Input& input, bool is_replay, const Keep& keep);

}  // namespace tidewatch::bench
