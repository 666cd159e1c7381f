#include "app/reference/reference_file.h"

#include <fmt/format.h>

#include <fstream>

#include "stream/publish/encoder.h"
#include "tidewatch/v1/reference.pb.h"

namespace tidewatch {
namespace {

v1::Reference message_of(const ReferenceEntity& entity) {
  v1::Reference out;
  for (const auto& [name, value] : entity.labels) (*out.mutable_labels())[name] = value;
  for (const auto& [name, aggregate] : entity.measures) {
    if (aggregate.kind() != MeasureKind::rate && aggregate.kind() != MeasureKind::distribution) continue;
    const Observation seen = aggregate.observe();
    if (seen.missing()) continue;
    auto* measure = out.add_measures();
    measure->set_measure(name);
    measure->set_aggregate(aggregate.serialize());
    measure->set_value(seen.value);
    measure->set_n(seen.n);
  }
  return out;
}

}  // namespace

Result<uint64_t> write_reference_file(const ReferenceEntities& entities, const std::string& path) {
  std::ofstream file(path);
  uint64_t written = 0;
  for (const auto& [key, entity] : entities) {
    const v1::Reference message = message_of(entity);
    if (message.measures().empty()) continue;
    file << encode(message, WireFormat::json) << '\n';
    ++written;
  }
  file.close();
  if (!file) return Error{"write_failed", fmt::format("{}: cannot be written", path)};
  return written;
}

}  // namespace tidewatch
