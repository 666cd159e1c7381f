#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "stream/alert/alert_matcher.h"
#include "stream/notify/notice.h"

namespace tidewatch {

enum class SinkType : uint8_t { webhook, alertmanager, slack, pagerduty, email };

/// Somebody or something that is told of alerts, and how.
struct SinkOptions {
  std::string name;
  SinkType type = SinkType::webhook;
  std::vector<LabelMatcher> match;    ///< all must fit; empty: everything
  Subject subject = Subject::alerts;  ///< of a webhook; the others have one that is theirs
  std::string url;                    ///< empty: that of the service, where it has one for all
  std::map<std::string, std::string> headers;
  std::string secret;           ///< webhook: what requests are signed with; empty: they are not
  std::string token;            ///< alertmanager, webhook: sent as bearer token; slack: of a bot
  std::string channel;          ///< slack, with a token
  std::string routing_key;      ///< pagerduty
  std::string from;             ///< email: an address
  std::vector<std::string> to;  ///< email: addresses
  std::string user;             ///< email: login; empty: none
  std::string password;
  bool starttls = true;  ///< email, smtp://: nothing is sent without
  std::string link;      ///< to a page about it; `{alert}` and `{incident}` stand for their ids

  size_t concurrency = 4;  ///< requests at a time
  double per_minute = 60;  ///< requests, a tenth of them at once; 0: no limit
  Duration connect_timeout = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(15);       ///< of a whole request
  Duration backoff = std::chrono::seconds(1);        ///< of the first retry at most; doubles each time
  Duration longest_wait = std::chrono::minutes(5);   ///< between two attempts
  uint32_t breaker_failures = 5;                     ///< in a row, after which it is left alone for a while
  Duration breaker_open = std::chrono::seconds(10);  ///< the first time; doubles while it stays away
  Duration breaker_longest = std::chrono::minutes(2);
  Duration give_up_after = std::chrono::hours(24 * 7);  ///< then a message becomes a dead letter
  Duration resend = std::chrono::minutes(1);            ///< alertmanager: what fires is said again so often
};

}  // namespace tidewatch
