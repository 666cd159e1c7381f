#pragma once

#include <functional>
#include <vector>

#include "stream/assemble/combiner.h"
#include "stream/session/conversation.h"
#include "stream/session/options.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// Counts what became known of sessions, in the pane in which it did, with the labels of the request it is about: a
/// rephrasing and a follow-up with those of the answer before it, a session's end with those of its first request.
class Behaviour {
 public:
  explicit Behaviour(const SessionOptions& options) : groups_(options.entities), combiner_(options.pane, catalog_) {}
  Behaviour(const Behaviour&) = delete;
  Behaviour& operator=(const Behaviour&) = delete;

  void add(const FollowUp& follow_up);
  void add(const SessionEnd& end);
  void flush(Effects& out) { combiner_.flush(out); }

 private:
  using Add = std::function<void(PaneCells&)>;
  void for_each_entity(const Labels& labels, Timestamp time, const Add& add);
  Aggregate& of(PaneCells& cells, MeasureId id) const { return cells.cell(id, catalog_.info(id)); }

  std::vector<EntityGroup> groups_;
  MeasureCatalog catalog_;
  Combiner combiner_;
};

}  // namespace tidewatch
