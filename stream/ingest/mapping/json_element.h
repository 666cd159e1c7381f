#pragma once

#include <simdjson.h>

#include <string_view>

namespace tidewatch {

// What an element holds, by value; default-constructed unless it is of that type (pre: checked with is_array() ...).

template <typename T>
T element_as(simdjson::dom::element element) {
  T out{};
  if (element.get(out) != simdjson::SUCCESS) return T{};
  return out;
}
inline simdjson::dom::array array_in(simdjson::dom::element element) {
  return element_as<simdjson::dom::array>(element);
}
inline simdjson::dom::object object_in(simdjson::dom::element element) {
  return element_as<simdjson::dom::object>(element);
}
inline std::string_view text_in(simdjson::dom::element element) { return element_as<std::string_view>(element); }

}  // namespace tidewatch
