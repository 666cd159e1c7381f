#include "app/gen/session_label.h"

#include <absl/strings/escaping.h>

#include <nlohmann/json.hpp>

namespace tidewatch::gen {

std::string session_line(const Session& session) {
  nlohmann::ordered_json turns = nlohmann::ordered_json::array();
  for (const Turn& turn : session.turns)
    turns.push_back({{"trace_id", absl::BytesToHexString(turn.trace_id)}, {"rewording", name_of(turn.rewording)}});
  const nlohmann::ordered_json line = {
      {"session", session.id}, {"user", session.user}, {"given_up", session.is_given_up}, {"turns", turns}};
  return line.dump();
}

}  // namespace tidewatch::gen
