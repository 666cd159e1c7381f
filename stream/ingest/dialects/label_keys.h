#pragma once

#include <map>
#include <string>
#include <vector>

namespace tidewatch {

/// Where labels that OpenTelemetry has no name for are looked for: canonical label -> attribute keys of the span, then
/// of its resource; the first present one wins. A key may point into JSON: "metadata#/user_id" (RFC 6901). The label
/// "cost" is the call's cost in USD.
using LabelKeys = std::map<std::string, std::vector<std::string>>;

/// The keys of schemas/dialects/labels.yaml. A user's keys of a label come before them.
LabelKeys default_label_keys();

}  // namespace tidewatch
