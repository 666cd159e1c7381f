#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tidewatch {

/// How much of an ideal answer is in an answer and of the answer in it: F1 of their words, the best of several ideals,
/// [0, 1] (Rajpurkar et al., SQuAD, EMNLP 2016; words of any language here, and articles count). 1: the same words.
/// It rewards the same wording, not the same meaning: it tells two runs of one model apart better than two models.
double ideal_overlap(std::string_view answer, std::span<const std::string> ideals);

}  // namespace tidewatch
