#pragma once

#include <string>
#include <utility>
#include <vector>

#include "detectors/core/time.h"

namespace tidewatch::kafka_test {

/// A span of a test; of a service and a trace made of one repeated character.
struct TestSpan {
  char trace = 'a';
  std::string service = "shop";
  std::vector<std::pair<std::string, std::string>> attributes = {};
  Timestamp end{};
  bool is_server = false;
};

/// An ExportTraceServiceRequest as protobuf or as OTLP/JSON.
std::string otlp_protobuf(const TestSpan& span);
std::string otlp_json(const TestSpan& span);

}  // namespace tidewatch::kafka_test
