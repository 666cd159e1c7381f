#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

std::string base64(std::string_view bytes);

/// The key of a secret: the bytes that follow "whsec_" as base64, as Standard Webhooks hands them out; any other secret
/// is a key as it is. Errors: `bad_config` when what follows is no base64.
Result<std::string> signing_key(std::string_view secret);

/// Value of the header `webhook-signature` (Standard Webhooks, symmetric): "v1," and the base64 of the HMAC-SHA256 over
/// "id.timestamp.body".
std::string webhook_signature(std::string_view key, std::string_view id, int64_t unix_seconds, std::string_view body);

}  // namespace tidewatch
