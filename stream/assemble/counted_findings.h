#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "stream/window/entity.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Feedback as it was counted, so that it can be changed or withdrawn: always at the labels it was counted with.
struct CountedFeedback {
  v1::FeedbackFacts facts;      ///< of the latest change, with the earliest time: where it counts
  int64_t changed_unix_nano{};  ///< time of the latest change
  Labels labels;
  bool is_withdrawn = false;
};

/// What was counted of one target, a trace or something of a session.
struct CountedFindings {
  std::vector<CountedFeedback> feedback;
  std::vector<std::string> evaluations;  ///< ids

  /// Some that was not withdrawn.
  bool has_feedback() const {
    return std::any_of(feedback.begin(), feedback.end(), [](const auto& vote) { return !vote.is_withdrawn; });
  }
};

}  // namespace tidewatch
