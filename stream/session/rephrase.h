#pragma once

#include <optional>

#include "stream/session/options.h"
#include "stream/session/step.h"

namespace tidewatch {

/// How far a question is from the one before it, in bits of their fingerprints: of all words or of the content words,
/// whichever is nearer. 0 is the same wording, about 32 another question. Nothing where a text was not recorded.
std::optional<int> question_distance(const Step& before, const Step& next);

/// Whether both questions name numbers, and of the fewer less than half are in both: another order, parcel or invoice.
bool names_other_numbers(const Step& before, const Step& next);

/// Whether `next` asks again what `before` was asked: soon after its answer, in near words, and not of other numbers.
/// Fingerprints tell wording, not meaning: the same question in other words is mostly missed. Nothing where a text was
/// not recorded.
std::optional<bool> is_rephrase(const Step& before, const Step& next, const SessionOptions& options);

}  // namespace tidewatch
