#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"

namespace tidewatch {

/// What a model is asked of an answer, as data.
struct Rubric {
  std::string name;
  std::string version;                ///< changes whenever what is asked does: scores of two versions are two measures
  std::string ask;                    ///< the criterion, as the model reads it
  std::vector<std::string> levels{};  ///< what scores from 1 on mean, the worst first; empty: yes or no
  int pass_from = 0;                  ///< least score that passes; 0: the highest but one
  bool needs_question = false;
  bool needs_documents = false;

  bool is_yes_or_no() const { return levels.empty(); }
  int lowest() const { return is_yes_or_no() ? 0 : 1; }
  int highest() const { return is_yes_or_no() ? 1 : static_cast<int>(levels.size()); }
  int passes_from() const;
  double score_of(int level) const;  ///< in [0, 1]
};

/// A rubric as schemas/rubrics and configs write it. Errors: `bad_rubric` with what is wrong.
Result<Rubric> parse_rubric(std::string_view name, const std::string& yaml);
/// What is wrong with it; empty: nothing.
std::string fault_of(const Rubric& rubric);

/// relevance, faithfulness, helpfulness, tone, safety.
const std::vector<Rubric>& built_in_rubrics();

}  // namespace tidewatch
