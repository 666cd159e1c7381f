#include "stream/assemble/usage.h"

namespace tidewatch {
namespace {

/// Sums of costs are not exact.
constexpr double kRounding = 1e-9;

/// A call that used some, whether or not it says so.
bool uses(const v1::SpanFacts& facts, std::optional<double> Usage::*quantity) {
  if (facts.error()) return false;
  if (facts.operation() == v1::OPERATION_LLM) return true;
  return facts.operation() == v1::OPERATION_EMBEDDING &&
         (quantity == &Usage::input_tokens || quantity == &Usage::cost_usd);
}

}  // namespace

std::optional<double> counts_above(std::optional<double> stated, const UsageBelow& below) {
  if (!stated || !below.is_stated) return stated;
  const double rest = *stated - below.counted;
  if (!below.has_silent_call || rest <= kRounding * below.counted) return std::nullopt;
  return rest;
}

Usage stated_usage(const v1::SpanFacts& facts) {
  Usage out;
  if (facts.has_input_tokens()) out.input_tokens = static_cast<double>(facts.input_tokens());
  if (facts.has_output_tokens()) out.output_tokens = static_cast<double>(facts.output_tokens());
  if (facts.has_cached_input_tokens()) out.cached_tokens = static_cast<double>(facts.cached_input_tokens());
  if (facts.has_cache_write_tokens()) out.cache_write_tokens = static_cast<double>(facts.cache_write_tokens());
  if (facts.has_reasoning_tokens()) out.reasoning_tokens = static_cast<double>(facts.reasoning_tokens());
  if (facts.has_cost_usd()) out.cost_usd = facts.cost_usd();
  return out;
}

std::vector<Usage> usage_by_span(const std::vector<TraceSpan>& spans, const SpanTree& tree) {
  std::vector<Usage> out(spans.size());
  std::vector<std::array<UsageBelow, kQuantities.size()>> below(spans.size());
  // Children before parents: what a span states or has below it is known when its parent is looked at.
  for (auto at = tree.order().rbegin(); at != tree.order().rend(); ++at) {
    const v1::SpanFacts& facts = spans[*at].facts;
    const Usage stated = stated_usage(facts);
    for (size_t q = 0; q < kQuantities.size(); ++q) {
      const auto amount = stated.*kQuantities[q];
      const UsageBelow& under = below[*at][q];
      const auto counts = counts_above(amount, under);
      out[*at].*kQuantities[q] = counts;
      const auto parent = tree.parent(*at);
      if (!parent) continue;
      UsageBelow& above = below[*parent][q];
      above.counted += under.counted + counts.value_or(0);
      above.is_stated |= amount.has_value() || under.is_stated;
      const bool is_silent = !under.is_stated && uses(facts, kQuantities[q]);
      above.has_silent_call |= !amount && (under.has_silent_call || is_silent);
    }
  }
  for (const size_t span : tree.order())
    if (const auto parent = tree.parent(span))
      out[span].is_cost_stated_above = out[*parent].is_cost_stated_above || out[*parent].cost_usd.has_value();
  return out;
}

}  // namespace tidewatch
