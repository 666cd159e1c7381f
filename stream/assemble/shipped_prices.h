#pragma once

#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "stream/assemble/model_price.h"

namespace tidewatch {

/// Prices of the file schemas/prices/prices.yaml that was built in, one by name of a model. They hold for the provider
/// that is named there, and for calls that name none.
const std::vector<ModelPrice>& shipped_prices();

/// A file of that shape. Errors: `bad_prices`, with file, line and what is wrong there; an entry without a source, or
/// without the day of which it is believed to be right, is wrong.
Result<std::vector<ModelPrice>> parse_prices(std::string_view yaml, std::string_view name);

/// Midnight UTC of a day as in 2025-04-14. Error: `bad_value`; completes `"2025-4" ...`.
Result<Timestamp> parse_day(std::string_view text);
std::string day_text(Timestamp day);  ///< as parse_day() reads it

}  // namespace tidewatch
