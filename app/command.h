#pragma once

#include <functional>

namespace tidewatch {

/// Exit codes of every command.
enum class Exit : int {
  ok = 0,
  finding = 1,  ///< the command worked and its answer is "no": an assertion is false, an incident was found
  usage = 64,
  bad_data = 65,
  broker_unavailable = 69,
  internal = 70,
  bad_config = 78
};

/// A subcommand: registers its options and, when chosen, what to run.
using Run = std::function<Exit()>;

/// Where commands put what is to run.
struct Chosen {
  Run run;
};

}  // namespace tidewatch
