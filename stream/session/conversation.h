#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "detectors/core/time.h"
#include "stream/session/options.h"
#include "stream/session/rephrase.h"
#include "stream/session/step.h"

namespace tidewatch {

/// A user went on after an answer.
struct FollowUp {
  const Step& answer;  ///< the step before, which the user had seen to its end
  const Step& next;
  /// Whether `next` asks again what `answer` was asked; nothing where a question's text was not recorded.
  std::optional<bool> is_rephrase;
};

/// A session is over.
struct SessionEnd {
  const Step& first;
  const Step& last;
  uint64_t turns;
  Timestamp at;     ///< when that was known: `gap` after the last step
  Duration length;  ///< from the start of the first step to the end of the last
  bool has_vote;    ///< the user gave feedback on an answer

  /// The user left after the first answer, which was poor, without a word.
  bool is_abandoned() const { return turns == 1 && first.is_poor && !has_vote; }
};

/// One session while it goes on: its first and last step and counts, whatever its length. Steps come in the order of
/// their ends.
class Conversation {
 public:
  explicit Conversation(Step first) : first_(std::move(first)) { remember(first_.trace_id); }

  /// False: the step is among the last of the session already.
  bool add(Step next, const SessionOptions& options, const std::function<void(const FollowUp&)>& on_follow_up);
  void add_vote() { has_vote_ = true; }
  SessionEnd end(Duration gap) const;

  const Step& last() const { return last_ ? *last_ : first_; }
  Timestamp began() const { return first_.start; }
  Timestamp ends_at(Duration gap) const { return after(last().end, gap); }

 private:
  void remember(std::string_view trace_id);

  static constexpr size_t kRecent = 8;  ///< steps that are recognised when they come again
  Step first_;
  std::optional<Step> last_;  ///< when it is another than the first
  uint64_t turns_ = 1;
  bool has_vote_ = false;
  std::array<uint64_t, kRecent> recent_{};  ///< hashes of trace ids, a ring
  size_t remembered_ = 0;
};

}  // namespace tidewatch
