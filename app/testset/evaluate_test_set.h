#pragma once

#include <cstdint>
#include <string>

#include "app/command.h"
#include "app/config/config.h"
#include "stream/window/entity.h"

namespace tidewatch {

struct EvaluateTestSet {
  Config config;
  std::string set;       ///< file
  std::string endpoint;  ///< base URL of an OpenAI-compatible server
  std::string model;
  std::string key;     ///< empty: none is sent
  std::string system;  ///< file with instructions; empty: those of the items
  uint32_t concurrency = 4;
  uint32_t max_tokens = 1'000;
  std::string out;   ///< file of the run; empty: it is not written
  std::string last;  ///< file of the run to compare with; empty: none
  bool fails_if_worse = false;
  std::string reference;  ///< file for the config key `reference`; empty: it is not written
  Labels labels;          ///< of the reference
};

/// `tidewatch evaluate --testset`: runs a test set against a model, says what passed, and compares with another run.
Exit evaluate_test_set(const EvaluateTestSet& request);

}  // namespace tidewatch
