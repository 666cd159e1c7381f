#pragma once

#include <vector>

#include "stream/assemble/request.h"
#include "stream/assemble/span_tree.h"

namespace tidewatch {

/// Tokens and cost of a trace, each counted once: by span, what counts there. A quantity counts on the span closest to
/// the model call: where a span below states it too, the span above restates it (agents, chains and gateways sum up
/// their calls) and does not count; a span that alone states it does. Decided by quantity: a parent that adds a cost
/// to tokens its child stated counts for the cost.
std::vector<Usage> usage_by_span(const std::vector<TraceSpan>& spans, const SpanTree& tree);

/// What a span itself states.
Usage stated_usage(const v1::SpanFacts& facts);

}  // namespace tidewatch
