#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "app/gen/traffic/random.h"

namespace tidewatch::gen {

/// How a user asks the same question again.
enum class Rewording : uint8_t { none, verbatim, insisting, edited, other_words };
std::string_view name_of(Rewording rewording);

/// One of the four ways, equally likely: nobody knows how people divide among them.
Rewording draw_rewording(Random& random);

/// The question as it is asked again; `insists`: sentences with a place `{q}` for it; `wording` decides the words.
/// `other_words` are the caller's: they stay as they are.
std::string reworded(const std::string& question, Rewording rewording, std::span<const std::string_view> insists,
                     uint64_t wording);

}  // namespace tidewatch::gen
