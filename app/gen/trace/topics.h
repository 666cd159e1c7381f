#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tidewatch::gen {

enum class Language : uint8_t { english, german, french, spanish };
inline constexpr size_t kLanguages = 4;

/// A question users ask and the sentence that answers it; `{n}` stands for a number of the request.
struct Fact {
  std::string_view question;
  std::string_view again;  ///< the same question in other words
  std::string_view answer;
};

/// What users talk about.
struct Topic {
  std::string_view name;
  Language language;
  std::span<const Fact> facts;
};

/// English topics come first: the index into them is what a topic mix weighs.
std::span<const Topic> topics();
inline constexpr size_t kEnglishTopics = 7;
/// The topics of one language.
std::span<const Topic> topics_of(Language language);

/// Sentences of one language that make an answer what it is.
struct Phrasebook {
  std::span<const std::string_view> openers;   ///< polite beginnings, may be empty text
  std::span<const std::string_view> closers;   ///< polite endings
  std::span<const std::string_view> refusals;  ///< decline the whole question
  std::span<const std::string_view> hedges;    ///< do not know, are not sure
  std::string_view summarise;                  ///< asks for a summary of what follows
  std::span<const std::string_view> insists;   ///< around a question that is asked again, `{q}`
};
const Phrasebook& phrasebook(Language language);

}  // namespace tidewatch::gen
