#pragma once

#include <array>
#include <optional>
#include <vector>

#include "stream/assemble/request.h"
#include "stream/assemble/span_tree.h"

namespace tidewatch {

/// What counts of one quantity below a span.
struct UsageBelow {
  double counted = 0;      ///< sum of what counts there
  bool is_stated = false;  ///< somebody there states it
  bool has_silent_call =
      false;  ///< a model call that did not fail, of which neither itself nor a span between states it
};

/// What counts on a span that states an amount: all of it where nobody below states any; the rest where some calls
/// below do and others are silent, since then its sum is all that is known of those; nothing else, because it restates
/// what is counted below (agents, chains and gateways sum up their calls, or repeat the last one).
std::optional<double> counts_above(std::optional<double> stated, const UsageBelow& below);

/// Tokens and cost of a trace, each counted once: by span, what counts there. A quantity counts on the span closest to
/// the model call, and above it as counts_above() says. Decided by quantity: a parent that adds a cost to tokens its
/// child stated counts for the cost. Cached, written and reasoning tokens are parts of the others and decided like
/// them.
std::vector<Usage> usage_by_span(const std::vector<TraceSpan>& spans, const SpanTree& tree);

/// What a span itself states.
Usage stated_usage(const v1::SpanFacts& facts);

/// Every quantity of a Usage.
inline constexpr std::array kQuantities = {&Usage::input_tokens,       &Usage::output_tokens,    &Usage::cached_tokens,
                                           &Usage::cache_write_tokens, &Usage::reasoning_tokens, &Usage::cost_usd};

}  // namespace tidewatch
