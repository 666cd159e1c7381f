#pragma once

#include <string>

#include "app/gen/traffic/users.h"

namespace tidewatch::gen {

/// A session that has ended as a line of sessions.jsonl (docs/gen.md), without the line break.
std::string session_line(const Session& session);

}  // namespace tidewatch::gen
