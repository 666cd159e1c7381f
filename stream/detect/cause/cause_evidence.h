#pragma once

#include "detectors/decide/cause/evidence.h"
#include "stream/detect/cause/colocated.h"
#include "stream/detect/options.h"
#include "stream/detect/watcher.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// What is known of where an alert comes from, when it fires or pages: how the entity's measures and the make-up of its
/// traffic moved, and when (RecentPast); which values of labels are new (KnownValues); how the alert's measure moved in
/// the parts of the entity that are watched beside it. Of an entity with too short a past the whole that it is part of
/// is asked. Pre: judged.transition is there; the window that decided is in the past of every entity.
CauseEvidence cause_evidence(const EntityMonitor& entity, const Judged& judged, const Colocated& colocated,
                             const MeasureCatalog& catalog, const DetectOptions& options);

}  // namespace tidewatch
