#include "stream/evaluate/validators/grounded_answer.h"

#include <string>
#include <vector>

#include "stream/evaluate/validators/evidence.h"
#include "stream/evaluate/validators/given_texts.h"

namespace tidewatch {

Result<std::unique_ptr<Validator>> GroundedAnswer::make(const Params& params) {
  return Result<std::unique_ptr<Validator>>(std::make_unique<GroundedAnswer>(params));
}

Validation GroundedAnswer::check(const ReviewedRequest& request) const {
  std::vector<std::string> sources;
  for (const std::string_view text : texts_looked_up(request)) sources.emplace_back(text);
  if (sources.empty()) return not_applicable("nothing was retrieved");
  return worst_answer(request, [&](std::string_view answer) {
    const auto found = check_.check(answer, sources, std::string(request.question));
    if (!found) return not_applicable("the answer claims nothing");
    if (found->supported_share < params_.min_share) return failed(masked(found->why()), found->supported_share);
    return passed("what it claims is in what was retrieved", found->supported_share);
  });
}

}  // namespace tidewatch
