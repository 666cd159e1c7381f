#pragma once

#include <optional>
#include <string>

#include "stream/detect/cause/colocated.h"
#include "stream/detect/entity_monitor.h"

namespace tidewatch {

/// Where the rise of an entity's spend comes from, in money: "Most of the rise from 1.20 to 3.80 USD an hour:
/// model=gpt-4.1 (82 % of it, 90 % of the spend, usually 40 %): output tokens per request, 1,900 instead of 640."
/// Its part whose spend rose most, if that is most of the rise, and what rose most in it: requests, tokens of a
/// request, or what a token costs. Empty: nothing rose by a fifth, or what is usual is not known yet.
std::string spend_drivers(const EntityMonitor& entity, const Colocated& colocated, Timestamp now);

}  // namespace tidewatch
