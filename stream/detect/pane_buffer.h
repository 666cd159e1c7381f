#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/detect/cells.h"
#include "stream/window/measures.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch {

/// Panes that are still open: partials merged by entity. What is in it depends on the records of these panes alone.
class PaneBuffer {
 public:
  struct Pane {
    std::map<std::string, Cells> entities;  ///< by key
    std::map<std::string, Cells> plain;     ///< the same of requests without anything of a model
    int64_t first_offset = 0;
  };

  /// `max_entities`: of one pane; more are merged into the entity `other` of their group.
  PaneBuffer(size_t max_entities, MeasureCatalog& catalog) : max_entities_(max_entities), catalog_(&catalog) {}

  /// Errors: `bad_partial`; `catalogue_full` when a measure cannot be kept: the others were merged.
  Status add(std::string_view entity, const v1::Partial& partial, int64_t offset, int32_t partition);

  bool empty() const { return panes_.empty(); }
  Timestamp oldest() const { return panes_.begin()->first; }  ///< start. Pre: not empty
  Timestamp newest() const { return panes_.rbegin()->first; }
  Pane take(Timestamp start);  ///< empty when there is none; without what was withdrawn entirely
  int64_t oldest_offset() const;

  /// Key of the entity that stands for the rest of the group that the entity `key` is of: "service=other,shard=3".
  /// Pre: made by entity_key().
  static std::string other_key(std::string_view key, int32_t partition);
  static bool is_other(std::string_view key);

 private:
  size_t max_entities_;
  MeasureCatalog* catalog_;
  std::map<Timestamp, Pane> panes_;
};

}  // namespace tidewatch
