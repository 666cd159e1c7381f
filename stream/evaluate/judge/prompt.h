#pragma once

#include <string>
#include <string_view>

#include "stream/evaluate/chat/chat_request.h"
#include "stream/evaluate/judge/judged_texts.h"
#include "stream/evaluate/judge/rubric.h"

namespace tidewatch {

/// Changes whenever the words around a rubric do: what was judged with others is asked anew.
inline constexpr std::string_view kPromptVersion = "1";

/// Lines that texts cannot hold, since nobody who wrote them knew `nonce`: 16 hexadecimal digits, drawn anew for each
/// prompt. Whatever stands between them is data, and the model is told so. That makes orders hidden in answers weaker;
/// no prompt makes them harmless.
ChatRequest judge_prompt(const Rubric& rubric, const JudgedTexts& texts, std::string_view nonce);

/// Which of two answers is better by the rubric. `is_swapped`: the other one stands first, since models prefer places.
ChatRequest comparison_prompt(const Rubric& rubric, const JudgedTexts& texts, std::string_view nonce, bool is_swapped);

/// The same once more, with what was said and what is wrong with it.
ChatRequest repair_prompt(ChatRequest request, std::string_view said, std::string_view fault);

/// Whether some text holds it: then another one is drawn.
bool is_in_texts(std::string_view nonce, const JudgedTexts& texts);

}  // namespace tidewatch
