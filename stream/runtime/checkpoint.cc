#include "stream/runtime/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tidewatch {

std::string Checkpoint::metadata() const {
  return nlohmann::json{{"tidewatch", 1},
                        {"needed_from", needed_from},
                        {"progress_from", progress_from},
                        {"watermark", watermark.time_since_epoch().count()}}
      .dump();
}

Result<Checkpoint> Checkpoint::parse(int64_t committed_offset, std::string_view metadata) {
  Checkpoint out;
  out.processed_through = committed_offset;
  out.needed_from = committed_offset;
  if (metadata.empty()) return out;
  const auto json = nlohmann::json::parse(metadata, nullptr, false);
  if (!json.is_object() || json.value("tidewatch", 0) != 1)
    return Error{"bad_checkpoint",
                 fmt::format("the metadata of committed offset {} is not a Tidewatch checkpoint: \"{}\"; does another "
                             "program use this consumer group?",
                             committed_offset, metadata.substr(0, 80))};
  out.needed_from = std::clamp<int64_t>(json.value("needed_from", committed_offset), 0, committed_offset);
  out.progress_from = std::max<int64_t>(json.value("progress_from", int64_t{0}), 0);
  out.watermark = Timestamp(Duration(json.value("watermark", kMinTimestamp.time_since_epoch().count())));
  return out;
}

}  // namespace tidewatch
