#pragma once

#include <string>

#include "unit/app/command_run.h"

namespace tidewatch::kafka_test {

using app_test::Outcome;
using app_test::run_command;

/// A config file on `brokers` whose topics all begin with `prefix`, with more lines of YAML after it.
std::string write_config(const std::string& brokers, const std::string& prefix, const std::string& more = {});

}  // namespace tidewatch::kafka_test
