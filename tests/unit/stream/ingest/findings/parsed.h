#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "stream/ingest/evaluation.h"
#include "stream/ingest/feedback.h"

namespace tidewatch {

inline constexpr std::string_view kTraceHex = "5b8efff798038103d269b633813fc60c";
inline constexpr std::string_view kTraceUuid = "5b8efff7-9803-8103-d269-b633813fc60c";
inline constexpr std::string_view kSpanHex = "eee19b7ec3c1b174";
inline constexpr Timestamp kAppended{std::chrono::seconds(1'767'225'600)};

/// The message as a whole can be read.
inline Findings feedback_of(std::string_view payload, const ScoreRanges& ranges = {}) {
  const auto out = parse_feedback(payload, kAppended, ranges);
  if (out) return *out;
  ADD_FAILURE() << out.error().code << ": " << out.error().message << " in " << payload;
  return {};
}
inline Findings evaluations_of(std::string_view payload, const ScoreRanges& ranges = {}) {
  const auto out = parse_evaluations(payload, kAppended, ranges);
  if (out) return *out;
  ADD_FAILURE() << out.error().code << ": " << out.error().message << " in " << payload;
  return {};
}

/// The message holds one piece of feedback and nothing else.
inline ParsedFeedback one_feedback(std::string_view payload, const ScoreRanges& ranges = {}) {
  const auto out = feedback_of(payload, ranges);
  for (const auto& bad : out.bad) ADD_FAILURE() << bad.error.code << ": " << bad.error.message;
  if (out.feedback.size() == 1 && out.evaluations.empty() && out.ignored == 0) return out.feedback.front();
  ADD_FAILURE() << "not one piece of feedback: " << payload;
  return {};
}
inline ParsedEvaluation one_evaluation(const Findings& out) {
  for (const auto& bad : out.bad) ADD_FAILURE() << bad.error.code << ": " << bad.error.message;
  if (out.evaluations.size() == 1 && out.feedback.empty() && out.ignored == 0) return out.evaluations.front();
  ADD_FAILURE() << "not one evaluation";
  return {};
}

/// The code of the one item that is refused.
inline std::string refusal_of(const Findings& out) {
  if (out.bad.size() == 1 && out.feedback.empty() && out.evaluations.empty()) return out.bad.front().error.code;
  ADD_FAILURE() << "not one refused item";
  return {};
}
inline std::string refusal_of(std::string_view payload) { return refusal_of(feedback_of(payload)); }

inline std::optional<bool> positive(const ParsedFeedback& in) {
  return in.facts.has_positive() ? std::optional(in.facts.positive()) : std::nullopt;
}
inline std::optional<double> score(const ParsedFeedback& in) {
  return in.facts.has_score() ? std::optional(in.facts.score()) : std::nullopt;
}
inline std::optional<bool> passed(const ParsedEvaluation& in) {
  return in.facts.has_passed() ? std::optional(in.facts.passed()) : std::nullopt;
}
inline std::optional<double> score(const ParsedEvaluation& in) {
  return in.facts.has_score() ? std::optional(in.facts.score()) : std::nullopt;
}

}  // namespace tidewatch
