#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/config/config.h"
#include "app/rule_test/notation.h"

namespace tidewatch {

/// What some requests showed: values of one measure under some labels, by step.
struct TestSeries {
  std::vector<std::pair<std::string, std::string>> labels;
  std::string measure;   ///< as watched: "refusal_rate", "latency_p95"
  double n = 100;        ///< observations by step; of sums the events, where a value is not a number of events itself
  double noise = 0;      ///< standard deviation of a random factor on each value
  double spread = 0.35;  ///< of observations around a value: sigma of their logarithm
  bool is_sampled = false;  ///< observations are drawn, not as near to the value as whole ones can be
  std::vector<std::string> values;
  std::vector<std::pair<std::string, std::vector<std::string>>> categories;  ///< compositions: counts by name
  /// The parts by category; of other measures one, with an empty name.
  std::vector<std::pair<std::string, std::vector<SeriesPart>>> parts;
};

/// Alerts that are expected (or must not be there). What is not said is not asked.
struct ExpectedAlert {
  std::string rule;
  std::string measure;
  std::vector<std::pair<std::string, std::string>> labels;  ///< that the alert has, among others
  std::optional<Severity> severity;                         ///< that it had at some time
  bool is_resolved = false;                                 ///< that it ended
  std::optional<Duration> after;                            ///< since the start: not decided before
  std::optional<Duration> by;                               ///< not later than
  int line = 0;
  int column = 0;
};

struct RuleTest {
  std::string name;
  Timestamp start{};
  Duration step{};
  uint64_t seed = 1;
  std::vector<TestSeries> series;
  std::vector<ExpectedAlert> alerts;  ///< each must be there
  std::vector<ExpectedAlert> absent;  ///< none may be there
  bool are_others_allowed = false;    ///< alerts that nothing expects
  int line = 0;
  int column = 0;
};

/// A file of tests (docs/tuning.md).
struct RuleTestFile {
  std::string file;
  Config config;  ///< that is tested; published even in shadow mode
  std::vector<RuleTest> tests;
};

struct LoadedRuleTests {
  RuleTestFile tests;
  std::vector<ConfigError> errors;  ///< of the file and of its config, in the order of the file
  bool ok() const { return errors.empty(); }
};

/// Reads a file of tests strictly, with the config it names: every error with file, line and column. Never throws.
LoadedRuleTests load_rule_tests(const std::string& path);
LoadedRuleTests load_rule_tests(const std::string& path, std::string_view yaml, const Environment& environment);

}  // namespace tidewatch
