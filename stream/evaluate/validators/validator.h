#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "stream/evaluate/validators/reviewed_request.h"

namespace tidewatch {

/// What a validator says of one request.
struct Validation {
  enum class Outcome : uint8_t {
    not_applicable,  ///< there is nothing to judge: no pass, and counted in no rate
    passed,
    failed,
  };
  Outcome outcome = Outcome::not_applicable;
  std::optional<double> score;  ///< 0..1, 1 is best; only where there is more to say than pass and fail
  /// For people: what was found, with personal data and secrets masked; why there was nothing to judge.
  std::string why;

  bool is_applicable() const { return outcome != Outcome::not_applicable; }
  bool has_passed() const { return outcome == Outcome::passed; }
  bool has_failed() const { return outcome == Outcome::failed; }
};

inline Validation not_applicable(std::string why) {
  return {Validation::Outcome::not_applicable, std::nullopt, std::move(why)};
}
inline Validation passed(std::string why, std::optional<double> score = std::nullopt) {
  return {Validation::Outcome::passed, score, std::move(why)};
}
inline Validation failed(std::string why, std::optional<double> score = std::nullopt) {
  return {Validation::Outcome::failed, score, std::move(why)};
}

/// A rule that the full texts of a request keep or break. A pure function of the request and of the parameters it was
/// made with: safe to share between threads. Texts need not be valid UTF-8.
class Validator {
 public:
  Validator() = default;
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;
  virtual ~Validator() = default;
  virtual Validation check(const ReviewedRequest& request) const = 0;
};

/// Of several answers the worst counts: a failed one before a passed one, a low score before a high one, one that can
/// be judged before one that cannot.
template <typename Judge>
Validation worst_answer(const ReviewedRequest& request, const Judge& judge) {
  Validation worst = not_applicable("no answer was recorded");
  const auto badness = [](const Validation& validation) {
    return static_cast<int>(validation.outcome) + 1 - validation.score.value_or(validation.has_passed() ? 1 : 0);
  };
  for (size_t i = 0; i < request.answers.size(); ++i) {
    Validation validation = judge(request.answers[i]);
    if (i == 0 || badness(validation) > badness(worst)) worst = std::move(validation);
  }
  return worst;
}

}  // namespace tidewatch
