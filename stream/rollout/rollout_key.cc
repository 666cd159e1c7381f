#include "stream/rollout/rollout_key.h"

#include <fmt/format.h>

#include <charconv>

#include "stream/window/entity.h"

namespace tidewatch {
namespace {

constexpr std::string_view kRollout = "@rollout";
constexpr std::string_view kArm = "arm";
constexpr std::string_view kGroup = "group";
constexpr std::string_view kControl = "control";
constexpr std::string_view kTreatment = "treatment";

}  // namespace

std::string rollout_key(const RolloutKey& key) {
  Labels labels;
  labels.set(kRollout, key.rollout);
  labels.set(kArm, key.arm == Arm::control ? kControl : kTreatment);
  labels.set(kGroup, fmt::format("{}", key.group));
  return entity_key({std::string(kRollout), std::string(kArm), std::string(kGroup)}, labels);
}

std::string rollout_key(std::string_view rollout) {
  Labels labels;
  labels.set(kRollout, rollout);
  return entity_key({std::string(kRollout)}, labels);
}

bool is_rollout_key(std::string_view key) { return key.starts_with(kRollout); }

// Names of rollouts hold nothing that is escaped in a key.
std::string_view rollout_placement(std::string_view key) { return key.substr(0, key.find(',')); }

std::optional<RolloutKey> parse_rollout_key(std::string_view key) {
  if (!is_rollout_key(key)) return std::nullopt;
  const auto labels = parse_entity_key(key);
  if (!labels) return std::nullopt;
  RolloutKey out;
  out.rollout = labels->get(kRollout);
  const std::string_view arm = labels->get(kArm);
  const std::string_view group = labels->get(kGroup);
  if (arm != kControl && arm != kTreatment) return std::nullopt;
  out.arm = arm == kControl ? Arm::control : Arm::treatment;
  const auto read = std::from_chars(group.data(), group.data() + group.size(), out.group);
  if (read.ec != std::errc() || read.ptr != group.data() + group.size() || out.group >= kRandomGroups)
    return std::nullopt;
  return out;
}

}  // namespace tidewatch
