#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/sketch/aggregate.h"
#include "stream/window/entity.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// What a test set showed, by entity and measure: lines of v1.Reference.
class ReferenceSet {
 public:
  /// Of one entity.
  struct Entry {
    Labels labels;
    std::map<MeasureId, Aggregate> measures;
  };

  /// An empty text is an empty set. Measures whose kind tells their name (`score_...`) are added to the catalog.
  /// Errors: `bad_reference`, "line 3: " and what is wrong there.
  static Result<ReferenceSet> parse(std::string_view text, MeasureCatalog& catalog);

  bool empty() const { return entries_.empty(); }
  /// Entries whose labels the entity has, those with most labels first: what is not known of a prompt version is looked
  /// up of its endpoint. They live as long as this set.
  std::vector<const Entry*> matching(const Labels& entity) const;

 private:
  std::vector<Entry> entries_;  ///< most labels first, then in the order of the text
};

}  // namespace tidewatch
