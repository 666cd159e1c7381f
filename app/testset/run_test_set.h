#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/evaluate/judge_sample.h"
#include "app/testset/test_run.h"
#include "stream/evaluate/chat/chat_options.h"
#include "stream/evaluate/validators/rule.h"

namespace tidewatch {

struct RunTestSet {
  ChatOptions chat;    ///< the model that is tested
  std::string system;  ///< takes the place of the items' own instructions; empty: theirs stay
  std::vector<ValidatorRule> rules;
  JudgeOptions judge;  ///< of another model, by its rules; without any nothing is judged
};

/// A run, and what the judges could not judge.
struct JudgedRun {
  TestRun run;
  JudgeReport judged;
};

/// Name of the verdict that compares with the ideal answers (ideal_answer.h), where an item has some.
inline constexpr std::string_view kIdealVerdict = "ideal";

/// Asks the model every item and judges its answers by validators, ideal answers and judges. Documents of an item go
/// before its question, in a message of the system. What is not answered has an error; the rest goes on. Nothing more
/// is asked when the model cannot be reached at all, refuses the key or is not known. Errors: of a validator, of a
/// judge, of the address; `unreachable`, `bad_key`, `not_found` when nothing was answered.
Result<JudgedRun> run_test_set(const TestSet& set, const RunTestSet& request,
                               const std::function<void(double)>& on_progress);

}  // namespace tidewatch
