// What Detect does of rollouts.
#include <fmt/format.h>

#include "stream/detect/detect.h"
#include "stream/detect/rollout/rollout_message.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

std::string state_key(std::string_view name) { return fmt::format("{}{}", Detect::kRolloutKey, name); }

}  // namespace

Status Detect::restore_rollout(std::string_view key, std::string_view value) {
  RolloutWatch* rollout = rollouts_.find(key.substr(kRolloutKey.size()));
  return rollout == nullptr ? ok_status() : rollout->load(value);  // it may be gone from the config
}

void Detect::order_rollout(const v1::Command& command, Effects& out) {
  RolloutWatch* rollout = rollouts_.find(command.rollout().name());
  const auto order = RolloutWatch::order_of(command.rollout().action());
  if (rollout == nullptr || !order) return;
  const auto news = rollout->order(*order, command.id(), from_proto(command.at()));
  if (!news) return;
  save(*rollout, out);
  publish(*rollout, *news, out);
}

void Detect::close_rollouts(Timestamp start, Effects& out) {
  if (rollouts_.empty()) return;
  const Timestamp end = start + options_.pane;
  const PaneBuffer::Pane pane = rollout_panes_.take(start);
  if (is_replayed(end)) return;  // what came of it is in the state topic
  for (const auto& [text, cells] : pane.entities)
    if (const auto key = parse_rollout_key(text))
      if (RolloutWatch* rollout = rollouts_.find(key->rollout)) rollout->add(*key, cells);
  rollouts_.for_each([&](RolloutWatch& rollout) {
    std::optional<RolloutNews> news;
    if (!rollout.close(end, options_.pane, news)) return;
    save(rollout, out);
    if (news) publish(rollout, *news, out);
  });
}

void Detect::publish(const RolloutWatch& rollout, const RolloutNews& news, Effects& out) const {
  if (options_.is_shadow) return;
  const v1::RolloutDecision decision = rollout_message(rollout, news, catalog_, options_.config_version);
  out.emit(Stream::rollouts, decision.rollout(), encode(decision, options_.format));
  out.count("rollout_decisions", decision.decision());
}

void Detect::save(const RolloutWatch& rollout, Effects& out) {
  out.emit(Stream::state, state_key(rollout.rule().name), rollout.save());
}

}  // namespace tidewatch
