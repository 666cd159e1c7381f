#pragma once

#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Whether a span of this operation makes its request one of a model: a call of one, a retrieval, a tool, an agent.
inline bool is_genai(v1::Operation operation) {
  return operation != v1::OPERATION_UNKNOWN && operation != v1::OPERATION_SERVER && operation != v1::OPERATION_EXTERNAL;
}

}  // namespace tidewatch
