#include "stream/evaluate/judge/ruling.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "stream/evaluate/validators/evidence.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostReasonBytes = 1'000;

Error unreadable(std::string fault) { return {"unreadable", std::move(fault)}; }

/// The object in the text. What stands around it is allowed: models greet, think aloud and put fences.
Result<Json> object_in(std::string_view said) {
  Json whole = Json::parse(said, nullptr, /*allow_exceptions=*/false);
  if (whole.is_object()) return whole;
  const size_t begin = said.find('{');
  const size_t end = said.rfind('}');
  if (begin == std::string_view::npos) return unreadable("it holds no JSON object");
  if (end == std::string_view::npos || end < begin) return unreadable("its JSON object does not end");
  Json part = Json::parse(said.substr(begin, end - begin + 1), nullptr, /*allow_exceptions=*/false);
  if (!part.is_object()) return unreadable("what is between its braces is no JSON");
  return part;
}

std::string reason_in(const Json& object) {
  const auto reason = object.find("reason");
  if (reason == object.end() || !reason->is_string()) return {};
  return masked(reason->get<std::string>().substr(0, kMostReasonBytes));
}

}  // namespace

Result<Ruling> read_ruling(const Rubric& rubric, std::string_view said) {
  const auto object = object_in(said);
  if (!object) return object.error();
  Ruling out;
  out.reason = reason_in(*object);
  if (rubric.is_yes_or_no()) {
    const auto passed = object->find("passed");
    if (passed == object->end() || !passed->is_boolean()) return unreadable("\"passed\" is not true or false");
    out.level = passed->get<bool>() ? 1 : 0;
    return out;
  }
  const auto score = object->find("score");
  const double value = score != object->end() && score->is_number() ? score->get<double>() : std::nan("");
  if (!(value >= 1 && value <= rubric.highest() && value == std::floor(value)))
    return unreadable(fmt::format("\"score\" is no whole number from 1 to {}", rubric.highest()));
  out.level = static_cast<int>(value);
  return out;
}

Result<Ruling> read_comparison(std::string_view said) {
  const auto object = object_in(said);
  if (!object) return object.error();
  const auto better = object->find("better");
  const std::string word = better != object->end() && better->is_string() ? better->get<std::string>() : "";
  if (word != "first" && word != "second" && word != "tie")
    return unreadable(R"("better" is none of "first", "second" and "tie")");
  return Ruling{word == "first" ? 1 : word == "second" ? 2 : 0, reason_in(*object)};
}

}  // namespace tidewatch
