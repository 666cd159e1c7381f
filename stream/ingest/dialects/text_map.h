#pragma once

#include <absl/container/flat_hash_map.h>
#include <xxhash.h>

#include <functional>
#include <string>
#include <string_view>

namespace tidewatch {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return XXH3_64bits(text.data(), text.size()); }
};

/// A hash map from texts that is asked with string views (Debian's abseil has a string_view of its own).
template <typename Value>
using TextMap = absl::flat_hash_map<std::string, Value, TextHash, std::equal_to<>>;

}  // namespace tidewatch
