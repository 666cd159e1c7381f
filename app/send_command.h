#pragma once

#include "app/config/config.h"
#include "detectors/core/result.h"
#include "tidewatch/v1/command.pb.h"

namespace tidewatch {

/// Gives a command an id of its own, the time of now and, where it names nobody, the user's name here, and writes it to
/// `tidewatch.commands`; returns when brokers have acknowledged it. Errors: `bad_config`, `broker_unavailable`,
/// `not_authorized`, `kafka_error`; those of read_command(), so that nothing is sent that nobody understands.
Status send_command(const Config& config, v1::Command& command);

}  // namespace tidewatch
