#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/ingest/findings/event_target.h"
#include "stream/ingest/findings/polarity.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// What somebody or something found of an answer, as stated: every shape of feedback and evaluation is read into this,
/// then judged by the same rules. Texts of people (comments, explanations) are left behind.
struct Finding {
  std::string id;  ///< empty: the reader makes one of the content
  v1::FeedbackOp op = v1::FEEDBACK_OP_CREATE;
  std::optional<Timestamp> time;

  std::string trace_id;  ///< 16 raw bytes or empty
  std::string span_id;   ///< 8 raw bytes or empty
  std::string session;

  std::string name;
  std::optional<bool> yes;  ///< thumb up or down, true or false
  bool is_thumb = false;    ///< `yes` says good or bad by itself, whatever the name
  std::optional<double> score;
  std::optional<ScoreRange> range;  ///< as stated
  std::string label;
  std::optional<bool> passed;
  bool has_comment = false;

  std::string source;     ///< user, annotator, api, model, code
  std::string evaluator;  ///< judge model or rule; never the name of a person
  std::optional<double> inclusion_probability;
  std::vector<std::pair<std::string, std::string>> labels;

  /// Made by a model or a rule: an evaluation, whichever topic it came on.
  bool is_by_machine() const { return source == "model" || source == "code"; }
};

/// Scales of scores by their name, from the config: used where an event states none. What has no name is "feedback".
using ScoreRanges = std::map<std::string, ScoreRange, std::less<>>;

/// A label longer than this, or of several lines, is a person's text: it is treated as a comment.
inline constexpr size_t kMaxLabelBytes = 64;

/// Takes a text that may be a category or a comment.
void set_label_or_comment(Finding& finding, std::string_view text);

struct ParsedFeedback {
  EventTarget target;
  v1::FeedbackFacts facts;
};
struct ParsedEvaluation {
  EventTarget target;
  v1::EvaluationFacts facts;
};

/// As feedback. `score` is mapped to [0, 1] by the stated range, else that of `ranges`, else the usual one of the name,
/// else [0, 1]; a negative score down to -1 without a range is a thumb down, and one outside [-1, 1] is refused
/// (`unknown_scale`). `positive` is what the first of these
/// says: thumb, known label, yes or no, score above or below the middle of its range; names where high is bad
/// (is_worse_when_high) turn the last two round. Pre: id and time are set. Errors: `no_target`, `no_finding`,
/// `unknown_scale`, and those of normalised().
Result<ParsedFeedback> to_feedback(const Finding& finding, const ScoreRanges& ranges);

/// As evaluation. `score` is mapped to [0, 1] by the stated range or that of `ranges`, else kept as it is; `passed` is
/// as stated, else as `positive` of feedback is by label or yes and no. Pre: id and time are set. Errors: `no_target`,
/// `no_finding`, `no_name`, `bad_probability`, and those of normalised().
Result<ParsedEvaluation> to_evaluation(const Finding& finding, const ScoreRanges& ranges);

}  // namespace tidewatch
