#pragma once

#include <cstdint>

namespace tidewatch {

/// How records of public output topics are written: the same messages (schemas/proto), as protobuf or as their JSON
/// mapping with the field names of the schema.
enum class WireFormat : uint8_t { json, protobuf };

}  // namespace tidewatch
