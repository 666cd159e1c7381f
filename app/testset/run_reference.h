#pragma once

#include <vector>

#include "app/reference/reference_file.h"
#include "app/testset/test_run.h"

namespace tidewatch {

/// What a run showed of `pass_<name>` and `score_<name>`, by the groups of labels that production is watched by: for
/// the config key `reference`. Each item counts as often as it was asked in production (TestItem::weight); what was
/// sought out counts not at all. `given` takes the place of the items' own labels; `model` is the run's where it gives
/// none.
ReferenceEntities reference_of(const TestRun& run, const TestSet& set, const std::vector<EntityGroup>& groups,
                               const Labels& given);

}  // namespace tidewatch
