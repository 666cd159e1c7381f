#pragma once

#include <optional>
#include <string>

#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// A request as its session knows it.
struct RequestOfSession {
  std::string session;
  v1::SessionRequest request;
};

/// What one message says of a trace, for findings that name only the session. Empty when no span of it names a session.
/// Spans of messages that name none are not known there: the session belongs on the entry of a request at least.
std::optional<RequestOfSession> session_request(const v1::Fragment& fragment);

/// Adds what another message says of the same request. Commutative, associative and idempotent: the same whatever is in
/// which message and comes when. Of each label the root's value counts, else that of the span that started first.
void merge(v1::SessionRequest& into, const v1::SessionRequest& said);

}  // namespace tidewatch
