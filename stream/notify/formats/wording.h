#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream/notify/delivery.h"

namespace tidewatch {

/// A value as people read it: "12.3 %", "850 ms".
std::string in_unit(double value, std::string_view unit);

/// What it is about, in a line: "service=shop, endpoint=/chat: refusal_rate and 2 more".
std::string headline(const v1::Notice& notice);

/// What happened, in a word, for who was told of it before or was not: "Firing", "Escalated", "Resolved",
/// "Fired and resolved", ...
std::string what_happened(const Delivery& delivery);

/// The rest, for people: name and text, in the order of reading. Without what is not known.
std::vector<std::pair<std::string, std::string>> facts(const v1::Incident& incident);

/// At most so many bytes, cut between characters, with an ellipsis where it was cut.
std::string shortened(std::string text, size_t most);

}  // namespace tidewatch
