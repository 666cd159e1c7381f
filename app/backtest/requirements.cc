#include "app/backtest/requirements.h"

#include <fmt/format.h>

#include "app/backtest/estimate.h"
#include "app/backtest/scorecard.h"
#include "detectors/decide/wording.h"

namespace tidewatch {

std::vector<std::string> unmet(const Requirements& requirements, const Assessment& assessment) {
  std::vector<std::string> out;
  if (requirements.min_recall && assessment.recall() < *requirements.min_recall)
    out.push_back(fmt::format("recall {:.3g} % < {:.3g} %", 100 * assessment.recall(), 100 * *requirements.min_recall));
  if (requirements.min_precision && assessment.precision() < *requirements.min_precision)
    out.push_back(
        fmt::format("precision {:.3g} % < {:.3g} %", 100 * assessment.precision(), 100 * *requirements.min_precision));
  if (requirements.max_false_per_week) {
    if (assessment.judged <= Duration::zero()) {
      out.emplace_back("false alarms a week cannot be told: nothing was judged");
    } else if (const double rate = estimate_per_week(assessment.false_incidents, assessment.judged).value;
               rate > *requirements.max_false_per_week) {
      out.push_back(fmt::format("{:.3g} false alarms a week > {:.3g} ({} in {})", rate,
                                *requirements.max_false_per_week, assessment.false_incidents,
                                format_length(assessment.judged)));
    }
  }
  if (requirements.max_delay) {
    const auto delays = score(assessment).delays;
    if (delays.empty() && assessment.expected() > 0)
      out.emplace_back("the delay cannot be told: no incident was found");
    else if (!delays.empty() && delay_quantile(delays, 0.5) > *requirements.max_delay)
      out.push_back(fmt::format("median delay {} > {}", format_length(delay_quantile(delays, 0.5)),
                                format_length(*requirements.max_delay)));
  }
  return out;
}

}  // namespace tidewatch
