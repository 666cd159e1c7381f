#pragma once

#include <memory>

#include "app/rule_test/test_file.h"
#include "stream/runtime/topology.h"

namespace tidewatch {

/// The series of a test as what assemble would emit of such requests: partials of each pane for every group of labels
/// that a series has all labels of, so that an endpoint's requests are also its service's.
class SyntheticTraffic {
 public:
  /// Pre: the test was read without errors; both outlive it.
  SyntheticTraffic(const Config& config, const RuleTest& test);
  ~SyntheticTraffic();

  size_t panes() const;   ///< until the longest series ends
  Timestamp end() const;  ///< of the last pane

  /// A stage that reads the number of a pane from each record of Stream::fragments and emits its partials.
  StageSpec stage() const;

 private:
  class Generator;
  std::shared_ptr<Generator> generator_;
};

}  // namespace tidewatch
