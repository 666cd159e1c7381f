#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "stream/evaluate/chat/chat_options.h"
#include "stream/evaluate/judge/judge_backlog.h"
#include "stream/evaluate/judge/judged_texts.h"
#include "stream/evaluate/judge/rubric.h"
#include "stream/evaluate/validators/rule.h"

namespace tidewatch {

/// A judge as a data team declares it: `{name: faithful, rubric: faithfulness, where: {endpoint: /report}, share:
/// 20%}`.
struct JudgeRule {
  std::string name;
  std::string rubric;
  int pass_from = 0;    ///< least score that passes; 0: as the rubric says
  LabelPatterns where;  ///< as of validators
  double share = 1;     ///< (0, 1]: of the requests that are chosen; reported ones are judged in any case
};

struct JudgeOptions {
  ChatOptions chat;
  std::vector<Rubric> rubrics;  ///< beside the built-in ones; of the same name, in their place
  std::vector<JudgeRule> rules;
  JudgeBacklogOptions backlog;
  TextLimits limits;
  size_t cache_entries = 10'000;
  std::string cache_file;  ///< empty: what was judged is forgotten at the end
  /// A batch gives up when the server has answered nothing for so long.
  Duration patience = std::chrono::minutes(2);
  /// A batch is one population: all of it is judged in random order, not newer periods first.
  bool is_batch = false;
};

/// The rubric of this name, the config's own before built-in ones; null: there is none.
const Rubric* find_rubric(const JudgeOptions& options, const std::string& name);

}  // namespace tidewatch
