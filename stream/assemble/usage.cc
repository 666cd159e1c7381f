#include "stream/assemble/usage.h"

#include <array>

namespace tidewatch {
namespace {

constexpr std::array kQuantities = {&Usage::input_tokens,       &Usage::output_tokens,    &Usage::cached_tokens,
                                    &Usage::cache_write_tokens, &Usage::reasoning_tokens, &Usage::cost_usd};
using Below = std::array<bool, kQuantities.size()>;

}  // namespace

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
  std::vector<Below> stated_below(spans.size(), Below{});
  // Children before parents: what a span states or has below it is known when its parent is looked at.
  for (auto at = tree.order().rbegin(); at != tree.order().rend(); ++at) {
    const Usage stated = stated_usage(spans[*at].facts);
    for (size_t q = 0; q < kQuantities.size(); ++q) {
      const auto& amount = stated.*kQuantities[q];
      if (amount && !stated_below[*at][q]) out[*at].*kQuantities[q] = amount;
      const bool is_known = amount.has_value() || stated_below[*at][q];
      if (const auto parent = tree.parent(*at); parent && is_known) stated_below[*parent][q] = true;
    }
  }
  for (const size_t span : tree.order())
    if (const auto parent = tree.parent(span))
      out[span].is_cost_stated_above = out[*parent].is_cost_stated_above || out[*parent].cost_usd.has_value();
  return out;
}

}  // namespace tidewatch
