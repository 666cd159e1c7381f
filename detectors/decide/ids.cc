#include "detectors/decide/ids.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "detectors/core/bytes.h"

namespace tidewatch {
namespace {

std::string hex_hash(const ByteWriter& of) {
  const XXH128_hash_t hash = XXH3_128bits(of.bytes().data(), of.bytes().size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

std::string alert_id(std::string_view rule, std::string_view entity_key, Timestamp starts_at) {
  ByteWriter parts;
  parts.put_string(rule);
  parts.put_string(entity_key);
  parts.put(static_cast<int64_t>(starts_at.time_since_epoch().count()));
  return hex_hash(parts);
}

std::string incident_id(std::string_view alert_id) {
  ByteWriter parts;
  parts.put_string("incident");
  parts.put_string(alert_id);
  return hex_hash(parts);
}

}  // namespace tidewatch
