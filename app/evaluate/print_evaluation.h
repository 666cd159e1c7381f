#pragma once

#include <string>

#include "app/evaluate/evaluate_files.h"

namespace tidewatch {

/// What was chosen, what rules and judges say of it, and how far judges agree with people, on standard output.
void print_evaluation(const EvaluateReport& report, const std::string& out);

}  // namespace tidewatch
