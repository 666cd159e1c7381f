#pragma once

#include <string>
#include <vector>

#include "app/backtest/verdict_trace.h"
#include "app/rule_test/test_file.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// Something that a test says and that is not so.
struct RuleTestFailure {
  int line = 0;  ///< of what is expected, or of the test
  int column = 0;
  std::string message;
  std::string detail;  ///< what was there instead; may be empty
};

struct RuleTestResult {
  std::vector<v1::Alert> alerts;  ///< transitions, in order
  std::vector<RuleTestFailure> failures;
  bool ok() const { return failures.empty(); }
};

/// Feeds the series of a test to the detect stage on the local runner, and compares its alerts with those expected. The
/// same test gives the same result, wherever and however often.
RuleTestResult run_rule_test(const Config& config, const RuleTest& test);

/// An alert as it would be expected in a test: `{rule: refusals, labels: {service: shop}, after: 25h, by: 25h}`.
std::string as_expectation(const v1::Alert& alert, Timestamp start);

}  // namespace tidewatch
