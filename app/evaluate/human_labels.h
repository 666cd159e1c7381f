#pragma once

#include <map>
#include <string>
#include <utility>

#include "detectors/core/result.h"

namespace tidewatch {

/// What people said of answers: whether it passes, by trace id (32 hexadecimal digits) and what was judged.
using HumanLabels = std::map<std::pair<std::string, std::string>, bool>;

/// Lines of llm.evaluations in JSON (docs/topics/llm.evaluations.md) with `trace_id`, `name` and `passed`; the last one
/// of the same counts. Errors: `open_failed`; `bad_data` with file and line.
Result<HumanLabels> read_human_labels(const std::string& path);

}  // namespace tidewatch
