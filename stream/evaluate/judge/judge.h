#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "stream/evaluate/chat/chat_client.h"
#include "stream/evaluate/judge/judge_backlog.h"
#include "stream/evaluate/judge/judge_options.h"
#include "stream/evaluate/judge/judged_request.h"
#include "stream/evaluate/judge/ruling_cache.h"

namespace tidewatch {

/// Has a model judge answers by rubrics. submit() takes what was chosen and never blocks; poll() does all the work, in
/// the same thread, and gives back each request once for each judge that it falls to: judged, or not and why. While the
/// server is away requests wait in a JudgeBacklog, which says what becomes of estimates then.
///
/// What is sent is masked (ready_to_send) and stands between lines nobody could foresee (judge_prompt). The same texts
/// are asked about once (RulingCache). An answer that cannot be read is asked for once more. A fault that only the
/// request itself meets, while others are answered, is not waited for.
class Judge {
 public:
  struct Counts {
    uint64_t cache_hits = 0;
    uint64_t repaired = 0;
    uint64_t left_sample = 0;  ///< by age, though they may still be looked at (JudgeBacklog)
    ChatClient::Counts chat;
  };

  /// Errors: `bad_config`, `open_failed`.
  static Result<std::unique_ptr<Judge>> make(JudgeOptions options, Surroundings surroundings);

  using Labels = std::map<std::string, std::string>;
  /// How many judges it falls to: so many times poll() will give it back.
  size_t submit(const JudgedTexts& texts, const Labels& labels, const ChosenRequest& chosen);
  /// To the judge of this name alone, whatever labels it is for. pre: there is a rule of this name
  void submit_to(std::string_view judge, const JudgedTexts& texts, const ChosenRequest& chosen);
  /// Which answer is better, by the rubric of this judge, asked in both orders: where they disagree it is a tie.
  /// `texts.other_answer` is the other one. pre: there is a rule of this name
  void compare(std::string_view judge, const JudgedTexts& texts, const ChosenRequest& chosen);

  /// Moves all on, waiting for at most `wait` for something to happen; may come back earlier with nothing.
  std::vector<JudgedRequest> poll(Duration wait);
  size_t pending() const { return jobs_.size() + finished_.size(); }
  size_t under_way() const { return client_->pending(); }  ///< being asked, of pending()
  /// Ends all that waits as unjudged, `reason`.
  void give_up(const std::string& reason);

  /// Why nothing is sent at present: a code of FinishedChat; empty: it is.
  std::string_view held_back_by() const { return client_->held_back_by(); }
  const std::optional<Error>& last_fault() const { return last_fault_; }  ///< of the server
  Duration last_answered() const { return last_answered_; }               ///< monotonic; of make() where nothing was
  Counts counts() const;
  const JudgeOptions& options() const { return options_; }

 private:
  struct Ask {
    uint64_t ticket = 0;
    ChatRequest request;
    bool is_swapped = false;
    bool was_repaired = false;
    std::optional<Ruling> ruling;
  };
  struct Job {
    const JudgeRule* rule = nullptr;
    const Rubric* rubric = nullptr;
    std::shared_ptr<const JudgedTexts> texts;  ///< ready to be sent
    bool is_comparison = false;
    std::string key;
    JudgeBacklog::Unit unit;
    uint64_t answered_before = 0;  ///< answers that the server had given when it was first sent
    std::vector<Ask> asks;
    JudgedRequest out;
  };

  Judge(JudgeOptions options, Surroundings surroundings, std::unique_ptr<ChatClient> client,
        std::unique_ptr<RulingStore> store);
  const JudgeRule& rule_named(std::string_view judge) const;
  void accept(const JudgeRule& rule, std::shared_ptr<const JudgedTexts> texts, const ChosenRequest& chosen,
              bool is_comparison);
  void start_what_fits();
  void send(uint64_t id, Job& job);
  void send(uint64_t id, Ask& ask);
  void take(FinishedChat chat);
  void take_failure(uint64_t id, Job& job, const Error& error);
  bool take_answer(uint64_t id, Job& job, Ask& ask, const ChatAnswer& answer);
  void rule(uint64_t id, Job& job);
  void settle(uint64_t id, Job& job, const Ruling& ruling);
  void end(uint64_t id, std::string unjudged, std::string reason = {});
  void end_left();
  std::string nonce(const JudgedTexts& texts);
  int64_t today() const;

  JudgeOptions options_;
  Surroundings surroundings_;
  std::unique_ptr<ChatClient> client_;
  std::unique_ptr<RulingStore> store_;
  RulingCache cache_;
  JudgeBacklog backlog_;
  std::map<uint64_t, Job> jobs_;         ///< waiting or being asked
  std::map<uint64_t, uint64_t> job_of_;  ///< by ticket
  std::vector<JudgedRequest> finished_;
  uint64_t last_job_ = 0;
  uint64_t answered_ = 0;
  Duration last_answered_{};
  std::optional<Error> last_fault_;
  Counts counts_;
};

}  // namespace tidewatch
