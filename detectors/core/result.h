#pragma once

#include <string>
#include <utility>
#include <variant>

#include "detectors/core/check.h"

namespace tidewatch {

/// Why something could not be done. `code` is stable and machine-readable (snake_case, used as a metric label and in
/// the dead-letter topic); `message` is a sentence for a person that names the thing, its value and what to do.
struct Error {
  std::string code;
  std::string message;
};

/// A value or an Error, across module borders; exceptions stay inside the libraries that throw.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& {
    TW_CHECK(ok(), ok() ? "" : std::get<1>(state_).message);
    return std::get<0>(state_);
  }
  T& value() & {
    TW_CHECK(ok(), ok() ? "" : std::get<1>(state_).message);
    return std::get<0>(state_);
  }
  T&& value() && {
    TW_CHECK(ok(), ok() ? "" : std::get<1>(state_).message);
    return std::get<0>(std::move(state_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const Error& error() const {
    TW_CHECK(!ok(), "error() of a Result that holds a value");
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success or an Error.
using Status = Result<std::monostate>;
inline Status ok_status() { return Status(std::monostate{}); }

}  // namespace tidewatch
