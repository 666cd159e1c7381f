#include "stream/ingest/findings/polarity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string>

namespace tidewatch {
namespace {

constexpr std::array<std::string_view, 31> kGood{
    "up",        "thumb_up", "thumbs_up", "thumbsup", "like",     "liked",  "good",      "great",
    "excellent", "positive", "helpful",   "correct",  "pass",     "passed", "accept",    "accepted",
    "satisfied", "happy",    "relevant",  "upvote",   "useful",   "ok",     "solved",    "resolved",
    "accurate",  "complete", "factual",   "grounded", "faithful", "safe",   "\U0001F44D"};
constexpr std::array<std::string_view, 33> kBad{
    "down",         "thumb_down", "thumbs_down", "thumbsdown", "dislike",      "disliked",    "bad",
    "poor",         "terrible",   "negative",    "unhelpful",  "not_helpful",  "incorrect",   "wrong",
    "fail",         "failed",     "reject",      "rejected",   "dissatisfied", "unsatisfied", "unhappy",
    "irrelevant",   "downvote",   "useless",     "not_solved", "unresolved",   "inaccurate",  "incomplete",
    "hallucinated", "ungrounded", "unfaithful",  "unsafe",     "\U0001F44E"};
constexpr std::array<std::string_view, 12> kWorseWhenHigh{
    "hallucination", "hallucinated", "toxicity", "toxic",     "harmfulness", "harmful",
    "bias",          "profanity",    "unsafe",   "jailbreak", "pii_leakage", "frustration"};
constexpr std::array<std::string_view, 6> kFiveStars{"rating", "user_rating", "stars", "star_rating", "star", "csat"};

std::string plain(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (c == '-' || c == ' ') c = '_';
  }
  return out;
}

bool is_in(const auto& list, std::string_view word) { return std::find(list.begin(), list.end(), word) != list.end(); }

}  // namespace

Result<double> normalised(double value, const ScoreRange& range) {
  if (!std::isfinite(value)) return Error{"bad_score", "the score is not a finite number"};
  if (!std::isfinite(range.min) || !std::isfinite(range.max) || range.min >= range.max ||
      !std::isfinite(range.max - range.min))
    return Error{"bad_range", fmt::format("the score's range [{}, {}] must have a lower end below its upper end",
                                          range.min, range.max)};
  if (value < range.min || value > range.max)
    return Error{"score_out_of_range", fmt::format("the score {} is outside its range [{}, {}]; state the range it has "
                                                   "(score_min, score_max), or set scales in the config",
                                                   value, range.min, range.max)};
  return (value - range.min) / (range.max - range.min);
}

std::optional<ScoreRange> usual_range(std::string_view name) {
  const std::string word = plain(name);
  if (is_in(kFiveStars, word)) return ScoreRange{1, 5};
  if (word == "nps") return ScoreRange{0, 10};
  return std::nullopt;
}

std::optional<bool> polarity_of_label(std::string_view label) {
  const std::string word = plain(label);
  if (is_in(kGood, word)) return true;
  if (is_in(kBad, word)) return false;
  return std::nullopt;
}

std::optional<bool> yes_or_no(std::string_view label) {
  const std::string word = plain(label);
  if (word == "yes" || word == "y" || word == "true") return true;
  if (word == "no" || word == "n" || word == "false") return false;
  return std::nullopt;
}

bool is_worse_when_high(std::string_view name) { return is_in(kWorseWhenHigh, plain(name)); }

}  // namespace tidewatch
