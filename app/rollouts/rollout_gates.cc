#include "app/rollouts/rollout_gates.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "stream/ingest/findings/json_object.h"
#include "stream/publish/encoder.h"

namespace tidewatch {
namespace {

constexpr int kGo = 200;
constexpr int kWait = 409;

bool holds(const RolloutBoard& board, const std::string& rollout) {
  const RolloutStanding* standing = board.find(rollout);
  return standing != nullptr && standing->latest && standing->latest->decision() == "hold";
}

int status_of(RolloutGate gate, RolloutVerdict verdict, bool is_held) {
  switch (gate) {
    case RolloutGate::verdict:
    case RolloutGate::confirm_rollout:
      return kGo;
    case RolloutGate::rollout:
      return verdict == RolloutVerdict::rollback ? kWait : kGo;
    case RolloutGate::confirm_increase:
      return verdict == RolloutVerdict::rollback || is_held ? kWait : kGo;
    case RolloutGate::confirm_promotion:
      return verdict == RolloutVerdict::promote ? kGo : kWait;
    case RolloutGate::rollback:
      return verdict == RolloutVerdict::rollback ? kGo : kWait;
  }
  return kWait;
}

}  // namespace

std::string_view path_of(RolloutGate gate) {
  switch (gate) {
    case RolloutGate::verdict:
      return "";
    case RolloutGate::confirm_rollout:
      return "/confirm-rollout";
    case RolloutGate::rollout:
      return "/rollout";
    case RolloutGate::confirm_increase:
      return "/confirm-traffic-increase";
    case RolloutGate::confirm_promotion:
      return "/confirm-promotion";
    case RolloutGate::rollback:
      return "/rollback";
  }
  return "";
}

HttpResponse answer(RolloutGate gate, const RolloutBoard& board, const std::string& rollout, const std::string& since,
                    Timestamp now) {
  HttpResponse out;
  out.content_type = "application/json";
  Timestamp from = kMinTimestamp;
  if (!since.empty()) {
    const auto read = parse_time(since);
    if (!read) {
      out.status = 400;
      out.body =
          nlohmann::json{{"error", fmt::format("since=\"{}\" is no time; write 2026-12-24T18:00:00Z", since)}}.dump(
              -1, ' ', false, nlohmann::json::error_handler_t::replace) +
          "\n";
      return out;
    }
    from = *read;
  }
  const RolloutVerdict verdict = board.verdict(rollout, now, from);
  nlohmann::ordered_json body = {{"rollout", rollout}, {"verdict", name_of(verdict)}};
  if (const RolloutStanding* standing = board.find(rollout)) {
    if (standing->latest) body["decision"] = nlohmann::ordered_json::parse(encode(*standing->latest, WireFormat::json));
    if (standing->drill) body["drill"] = nlohmann::ordered_json::parse(encode(*standing->drill, WireFormat::json));
  }
  out.status = status_of(gate, verdict, holds(board, rollout));
  out.body = body.dump() + "\n";
  return out;
}

}  // namespace tidewatch
