#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/window/entity.h"
#include "stream/window/label_matcher.h"
#include "tidewatch/v1/command.pb.h"
#include "tidewatch/v1/raised.pb.h"

namespace tidewatch {

/// Something that changes what is usual, known beforehand: a launch, a sale, a migration. Time is event time.
struct ExpectedEvent {
  std::string name;
  std::vector<LabelMatcher> match;  ///< of an entity's labels; none: every entity
  Timestamp from{};
  Timestamp until{};

  /// Whether windows of [start, end) of the entity show some of it.
  bool covers(const Labels& labels, Timestamp start, Timestamp end) const;
};

/// What is kept of a command that announces one. Pre: it is one.
v1::ExpectedState expected_state(const v1::Command& command);

/// Those that the config names, and those that people announce while it runs.
class ExpectedEvents {
 public:
  explicit ExpectedEvents(std::vector<ExpectedEvent> of_config = {}) : of_config_(std::move(of_config)) {}

  /// What a person may command. Errors: `bad_matcher`, `bad_expected_event` (it ends before it begins).
  static Status check(const v1::Expect& event);
  /// Takes an announced one, also in place of one with its id. Errors: as check().
  Status put(v1::ExpectedState state);
  /// Ends one at `now`, or before it begins; false when there is none that goes on or is to come.
  bool end(std::string_view id, Timestamp now);
  bool covers(const Labels& labels, Timestamp start, Timestamp end) const;
  bool empty() const { return of_config_.empty() && announced_.empty(); }
  const v1::ExpectedState* find(std::string_view id) const;  ///< announced; null: unknown
  /// Forgets announced ones that ended before `now`; their ids.
  std::vector<std::string> forget(Timestamp now);

 private:
  struct Announced {
    v1::ExpectedState state;
    ExpectedEvent event;
  };
  static Result<ExpectedEvent> read(const v1::Expect& event);

  std::vector<ExpectedEvent> of_config_;
  std::map<std::string, Announced, std::less<>> announced_;  ///< by id
};

}  // namespace tidewatch
