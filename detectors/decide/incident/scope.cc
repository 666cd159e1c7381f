#include "detectors/decide/incident/scope.h"

#include <algorithm>

namespace tidewatch {
namespace {

bool has(const Scope& scope, const Scope::value_type& label) {
  const auto found = scope.find(label.first);
  return found != scope.end() && found->second == label.second;
}

}  // namespace

bool are_compatible(const Scope& a, const Scope& b) {
  return std::all_of(a.begin(), a.end(), [&](const auto& label) {
    const auto found = b.find(label.first);
    return found == b.end() || found->second == label.second;
  });
}

bool encloses(const Scope& wider, const Scope& narrower) {
  return wider.size() < narrower.size() &&
         std::all_of(wider.begin(), wider.end(), [&](const auto& label) { return has(narrower, label); });
}

Scope common_scope(std::span<const Scope* const> scopes) {
  if (scopes.empty()) return {};
  Scope out = *scopes.front();
  std::erase_if(out, [&](const auto& label) {
    return std::any_of(scopes.begin(), scopes.end(), [&](const Scope* scope) { return !has(*scope, label); });
  });
  return out;
}

}  // namespace tidewatch
