#include "stream/ingest/findings/finding.h"

#include <fmt/format.h>

#include <cmath>

#include "detectors/core/check.h"

namespace tidewatch {
namespace {

constexpr std::string_view kUnnamed = "feedback";

Result<EventTarget> target_of(const Finding& finding) {
  using Kind = EventTarget::Kind;
  if (!finding.trace_id.empty()) return EventTarget{Kind::trace, finding.trace_id};
  // A span tells more than its session; but with labels of its own an event is not sought everywhere.
  if (!finding.span_id.empty() && finding.labels.empty()) return EventTarget{Kind::span, finding.span_id};
  if (!finding.session.empty()) return EventTarget{Kind::session, finding.session};
  if (!finding.span_id.empty()) return EventTarget{Kind::span, finding.span_id};
  return Error{"no_target", "the event names neither trace, session nor span; set trace_id"};
}

template <typename Facts>
void copy_labels(const Finding& finding, Facts& facts) {
  for (const auto& [name, value] : finding.labels) {
    auto& label = *facts.add_labels();
    label.set_name(name);
    label.set_value(value);
  }
}

std::optional<ScoreRange> configured(const ScoreRanges& ranges, std::string_view name) {
  const auto found = ranges.find(name.empty() ? kUnnamed : name);
  return found == ranges.end() ? std::nullopt : std::optional(found->second);
}

/// What the number of a piece of feedback says.
struct Vote {
  std::optional<double> score;  ///< in [0, 1]
  std::optional<bool> high;     ///< above or below the middle; empty: in the middle
};

std::string_view name_of(const Finding& finding) { return finding.name.empty() ? kUnnamed : finding.name; }

Vote vote_of(double share) {
  return {share, share == 0.5 ? std::nullopt : std::optional(share > 0.5)};  // NOLINT(readability-magic-numbers)
}

Result<Vote> vote_of(const Finding& finding, const ScoreRanges& ranges) {
  if (!finding.score) return Vote{};
  const double value = *finding.score;
  auto range = finding.range ? finding.range : configured(ranges, finding.name);
  if (!range) {
    // Without a stated scale, -1 is how several front ends write a thumb down.
    if (value >= -1 && value < 0) return Vote{std::nullopt, false};
    range = usual_range(finding.name);
    // A rating of 0.8 was given on [0, 1], whatever the scale its name suggests.
    if (range && value >= 0 && value < range->min) range.reset();
  }
  if (!range && (value < -1 || value > 1))
    return Error{
        "unknown_scale",
        fmt::format("the score {} of \"{}\" is outside [-1, 1] and nobody says on which scale it is: set scales in "
                    "the config, as in scales: {{{}: [1, 5]}}, or state score_min and score_max with it",
                    value, name_of(finding), name_of(finding))};
  const auto share = normalised(value, range.value_or(ScoreRange{}));
  if (!share) return share.error();
  return vote_of(*share);
}

/// Good or bad, of a yes or a high score under the finding's name.
std::optional<bool> judged_by_name(const Finding& finding, std::optional<bool> high) {
  if (high && is_worse_when_high(finding.name)) return !*high;
  return high;
}

std::optional<bool> positive_of(const Finding& finding, const Vote& vote) {
  if (finding.is_thumb) return finding.yes;
  if (const auto by_label = polarity_of_label(finding.label)) return by_label;
  return judged_by_name(finding, finding.yes ? finding.yes : vote.high);
}

std::optional<bool> passed_of(const Finding& finding) {
  if (finding.passed) return finding.passed;
  if (const auto by_label = polarity_of_label(finding.label)) return by_label;
  return judged_by_name(finding, finding.yes);
}

bool says_nothing(const Finding& finding) {
  return !finding.yes && !finding.score && finding.label.empty() && !finding.passed;
}

}  // namespace

void set_label_or_comment(Finding& finding, std::string_view text) {
  if (text.empty()) return;
  if (text.size() > kMaxLabelBytes || text.find('\n') != std::string_view::npos)
    finding.has_comment = true;
  else
    finding.label = text;
  if (!finding.yes) finding.yes = yes_or_no(finding.label);
}

Result<ParsedFeedback> to_feedback(const Finding& finding, const ScoreRanges& ranges) {
  TW_CHECK(!finding.id.empty() && finding.time, "the reader sets id and time");
  auto target = target_of(finding);
  if (!target) return target.error();
  const bool is_withdrawn = finding.op == v1::FEEDBACK_OP_WITHDRAW;
  if (!is_withdrawn && says_nothing(finding) && !finding.has_comment)
    return Error{"no_finding", "the event says nothing; set thumb, score, label or comment"};
  const auto vote = vote_of(finding, ranges);
  if (!vote) return vote.error();

  ParsedFeedback out;
  auto& facts = out.facts;
  facts.set_id(finding.id);
  facts.set_op(finding.op);
  facts.set_time_unix_nano(finding.time->time_since_epoch().count());
  facts.set_span_id(finding.span_id);
  facts.set_session(finding.session);
  facts.set_name(std::string(name_of(finding)));
  if (const auto positive = positive_of(finding, *vote)) facts.set_positive(*positive);
  if (vote->score) facts.set_score(*vote->score);
  facts.set_label(finding.label);
  facts.set_source(finding.source.empty() ? "user" : finding.source);
  facts.set_has_comment(finding.has_comment);
  copy_labels(finding, facts);
  out.target = std::move(target).value();
  return out;
}

Result<ParsedEvaluation> to_evaluation(const Finding& finding, const ScoreRanges& ranges) {
  TW_CHECK(!finding.id.empty() && finding.time, "the reader sets id and time");
  auto target = target_of(finding);
  if (!target) return target.error();
  if (finding.name.empty()) return Error{"no_name", "the evaluation does not say what was judged; set name"};
  if (says_nothing(finding)) return Error{"no_finding", "the evaluation says nothing; set score, label or passed"};
  const auto probability = finding.inclusion_probability;
  if (probability && !(*probability > 0 && *probability <= 1))
    return Error{"bad_probability", fmt::format("inclusion_probability {} must be in (0, 1]", *probability)};

  ParsedEvaluation out;
  auto& facts = out.facts;
  if (finding.score) {
    const auto range = finding.range ? finding.range : configured(ranges, finding.name);
    const auto score = range ? normalised(*finding.score, *range) : Result<double>(*finding.score);
    if (!score) return score.error();
    if (!std::isfinite(*score)) return Error{"bad_score", "the score is not a finite number"};
    facts.set_score(*score);
  }
  if (const auto passed = passed_of(finding)) facts.set_passed(*passed);
  facts.set_id(finding.id);
  facts.set_time_unix_nano(finding.time->time_since_epoch().count());
  facts.set_span_id(finding.span_id);
  facts.set_name(finding.name);
  facts.set_label(finding.label);
  facts.set_evaluator(finding.evaluator.empty() ? finding.source : finding.evaluator);
  if (probability) facts.set_inclusion_probability(*probability);
  copy_labels(finding, facts);
  out.target = std::move(target).value();
  return out;
}

}  // namespace tidewatch
