#include "stream/evaluate/validators/numbers.h"

#include <re2/re2.h>

#include <algorithm>

#include "stream/evaluate/scan/numerals.h"
#include "stream/evaluate/validators/evidence.h"
#include "stream/evaluate/validators/given_texts.h"
#include "stream/signals/own_text.h"

namespace tidewatch {
namespace {

/// What the answer asserts: without code, tables, addresses, citations and the ordinals of lists.
std::string asserted(std::string_view answer) {
  std::string out = without_code_and_tables(answer, answer.size());
  static const RE2 kCitation(R"(\[\^?[0-9][0-9, \-–]*\]|【[^】]*】)");
  static const RE2 kOrdinal(R"((?m)^[ \t]*(?:#+ *)?[0-9]{1,3}[.)][ \t])");
  RE2::GlobalReplace(&out, kCitation, " ");
  RE2::GlobalReplace(&out, kOrdinal, "");
  return out;
}

}  // namespace

Result<std::unique_ptr<Validator>> Numbers::make(const Params& params) {
  return Result<std::unique_ptr<Validator>>(std::make_unique<Numbers>(params));
}

Validation Numbers::check(const ReviewedRequest& request) const {
  const auto looked_up = texts_looked_up(request);
  if (looked_up.empty()) return not_applicable("nothing was retrieved");
  std::vector<Numeral> sources;
  const auto add = [&](const std::vector<std::string_view>& texts) {
    for (const std::string_view text : texts)
      for (auto& numeral : numerals_of(text, true)) sources.push_back(std::move(numeral));
  };
  add(looked_up);
  if (params_.allow_from_user) {
    add(texts_of_user(request));
    add({request.system});
  }
  const auto is_found = [&](const Numeral& numeral) {
    return std::any_of(sources.begin(), sources.end(),
                       [&](const Numeral& source) { return is_said_by(numeral, source); });
  };
  const auto is_ignored = [&](const Numeral& numeral) {
    return std::all_of(numeral.readings.begin(), numeral.readings.end(), [&](const Reading& reading) {
      return reading.dimension == Dimension::none && reading.resolution == 1 && reading.value <= params_.ignore_up_to;
    });
  };
  return worst_answer(request, [&](std::string_view answer) {
    const std::string text = asserted(answer);
    size_t all = 0;
    size_t missing = 0;
    std::string first;
    for (const Numeral& numeral : numerals_of(text)) {
      if (is_ignored(numeral)) continue;
      ++all;
      if (is_found(numeral)) continue;
      if (missing++ == 0) first = shown(numeral.text);
    }
    if (all == 0) return not_applicable("the answer has no numbers");
    const double share = 1 - static_cast<double>(missing) / static_cast<double>(all);
    if (share >= params_.min_share) return passed(fmt::format("{} of {} numbers found", all - missing, all), share);
    return failed(fmt::format("{} of {} numbers not found in what was retrieved: {}{}", missing, all, first,
                              and_more(missing - 1)),
                  share);
  });
}

}  // namespace tidewatch
