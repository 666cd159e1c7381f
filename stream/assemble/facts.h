#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/assemble/custom_measure.h"
#include "stream/assemble/prices.h"
#include "stream/assemble/request.h"

namespace tidewatch {

/// What custom measures can ask of a request or of one call in it, by name. Numbers: latency (seconds), input_tokens,
/// output_tokens, cached_tokens, reasoning_tokens, cost (USD), time_to_first_token, documents, retrieval_score,
/// question_length, answer_length, groundedness, calls, tool_calls; yes/no as 1/0: failed, refusal, hedging,
/// schema_mismatch, truncated, empty, repeated, wrong_language, unsafe. Texts: error_kind, finish_reason and every
/// label (model, segment, ...). Of a request, amounts are summed over its calls (its cost is unknown when that of a
/// call is), retrieval_score is the best, and the rest is of its answer.
class Facts {
 public:
  Facts(const Request& request, const Call* call, const PriceList& prices)
      : request_(&request), call_(call), prices_(&prices) {}

  std::optional<double> number(std::string_view name) const;
  std::string text(std::string_view name) const;  ///< empty: unknown
  bool fulfils(const std::vector<Matcher>& matchers) const;

  /// Names of number().
  static const std::vector<std::string_view>& number_names();

 private:
  std::optional<double> total(std::optional<double> Usage::*amount) const;
  std::optional<double> cost() const;
  std::optional<double> retrieved(std::string_view name) const;
  const v1::TextSignals* signals() const;

  const Request* request_;
  const Call* call_;  ///< null: of the request
  const PriceList* prices_;
};

}  // namespace tidewatch
