#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace tidewatch {

/// A file of schemas/ that was built into the binary: name without folder, content.
using EmbeddedFile = std::pair<std::string_view, std::string_view>;

std::span<const EmbeddedFile> embedded_phrases();         ///< schemas/phrases: refusal.yaml, hedging.yaml, safety.yaml
std::span<const EmbeddedFile> embedded_languages();       ///< schemas/languages: de.yaml, …
std::span<const EmbeddedFile> embedded_weights();         ///< schemas/weights: refusal.yaml, groundedness.yaml
std::span<const EmbeddedFile> embedded_contradictions();  ///< schemas/contradictions: en.yaml, …
std::span<const EmbeddedFile> embedded_rubrics();         ///< schemas/rubrics: relevance.yaml, …
std::span<const EmbeddedFile> embedded_prices();          ///< schemas/prices: prices.yaml

/// schemas/dialects: labels.yaml, normalise.yaml; every other file is one dialect or a list of them.
std::span<const EmbeddedFile> embedded_dialects();

}  // namespace tidewatch
