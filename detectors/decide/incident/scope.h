#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

namespace tidewatch {

/// Labels of an entity: {"service": "shop", "endpoint": "/chat"}. Fewer labels are a wider scope.
using Scope = std::map<std::string, std::string, std::less<>>;

/// Whether no label has two values: one encloses the other, or they overlap. Two scopes with no label in common do.
bool are_compatible(const Scope& a, const Scope& b);
/// Whether `wider` has no label that `narrower` has not, and fewer of them.
bool encloses(const Scope& wider, const Scope& narrower);
/// Labels that all have with the same value; empty of none.
Scope common_scope(std::span<const Scope* const> scopes);

}  // namespace tidewatch
