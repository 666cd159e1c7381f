#include "stream/runtime/record.h"

namespace tidewatch {

std::string_view name_of(Stream stream) {
  switch (stream) {
    case Stream::traces:
      return "traces";
    case Stream::logs:
      return "logs";
    case Stream::feedback:
      return "feedback";
    case Stream::evaluations:
      return "evaluations";
    case Stream::commands:
      return "commands";
    case Stream::fragments:
      return "fragments";
    case Stream::partials:
      return "partials";
    case Stream::turns:
      return "turns";
    case Stream::eval_requests:
      return "eval_requests";
    case Stream::raised:
      return "raised";
    case Stream::progress:
      return "progress";
    case Stream::state:
      return "state";
    case Stream::quality_scores:
      return "quality_scores";
    case Stream::alerts:
      return "alerts";
    case Stream::alerts_state:
      return "alerts_state";
    case Stream::incidents:
      return "incidents";
    case Stream::rollouts:
      return "rollouts";
    case Stream::changes:
      return "changes";
    case Stream::reviews:
      return "reviews";
    case Stream::dead_letter:
      return "dead_letter";
  }
  return "unknown";
}

}  // namespace tidewatch
