#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config/format/reader.h"
#include "app/config/format/units.h"
#include "detectors/core/params.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch::config {

/// How values of T are written in a config: the one place from which reading, checking, `config show`, the JSON Schema
/// and the documentation of them come.
template <typename T>
struct Type {
  std::function<std::optional<T>(Reader&, const Place&)> read;  ///< nullopt: what is wrong was reported
  std::function<Json(const T&)> show;                           ///< as it would be written; null: not written
  Json schema;
  std::string limits;  ///< of what the schema cannot say, for the documentation: "1s to 1h"
};

/// A type of single values. `parse`: errors complete `"5" ...`; `wanted` completes "must be ...".
template <typename T>
Type<T> scalar(const Json& schema, const std::string& wanted, const std::function<Result<T>(const std::string&)>& parse,
               std::function<Json(const T&)> show) {
  return {.read = [parse, wanted](Reader& reader, const Place& place) -> std::optional<T> {
            const auto text = reader.scalar(place, wanted);
            if (!text) return std::nullopt;
            auto value = parse(text->value);
            if (value) return std::move(value).value();
            reader.error(place, text->in_words() + " " + value.error().message);
            return std::nullopt;
          },
          .show = std::move(show),
          .schema = schema,
          .limits = {}};
}

/// As JSON without a fraction where there is none.
Json plain_number(const double& value);

Type<std::string> text();  ///< not empty
/// `pattern`: RE2, matched as a whole; `otherwise` completes `"a b" ...`.
Type<std::string> text_like(const std::string& pattern, const std::string& otherwise);
Type<bool> boolean();
Type<double> number(Range allowed);
Type<double> share(Range allowed);  ///< 15%
Type<double> usd(Range allowed);    ///< 2.5 USD
Type<Money> money(Range allowed);   ///< 2.5 EUR
Type<double> quantity();            ///< a number, with or without unit
Type<Duration> duration(Duration low, Duration high);
Type<size_t> size_bytes(size_t low, size_t high);
Type<int64_t> whole_number(int64_t low, int64_t high);

/// One of a few names; `aliases` of the same value may follow, the first is shown.
template <typename E>
Type<E> one_of(const std::vector<std::pair<std::string, E>>& names) {
  Json values = Json::array();
  for (const auto& [name, value] : names) values.push_back(name);
  const Json schema = {{"anyOf", Json::array({{{"enum", values}}, {{"$ref", "#/$defs/reference"}}})}};
  return scalar<E>(
      schema, "a name",
      [names](const std::string& text) -> Result<E> {
        std::vector<std::string_view> known;
        std::string list;
        for (const auto& [name, value] : names) {
          if (name == text) return value;
          known.emplace_back(name);
          list += (list.empty() ? "" : ", ") + name;
        }
        const auto near = nearest_name(text, known);
        return Error{"bad_value", near.empty()
                                      ? "is none of " + list
                                      : "is none of " + list + "; did you mean \"" + std::string(near) + "\"?"};
      },
      [names](const E& value) -> Json {
        for (const auto& [name, known] : names)
          if (known == value) return name;
        return nullptr;
      });
}

/// The same values in another C++ type.
template <typename To, typename From>
Type<To> converted(const Type<From>& from, const std::function<To(From)>& there,
                   const std::function<From(const To&)>& back) {
  return {.read = [from, there](Reader& reader, const Place& place) -> std::optional<To> {
            auto value = from.read(reader, place);
            return value ? std::optional<To>(there(std::move(*value))) : std::nullopt;
          },
          .show = [from, back](const To& value) { return from.show(back(value)); },
          .schema = from.schema,
          .limits = from.limits};
}

/// An integer of C++ type T.
template <typename T>
Type<T> integer(int64_t low, int64_t high) {
  return converted<T, int64_t>(
      whole_number(low, high), [](int64_t value) { return static_cast<T>(value); },
      [](const T& value) { return static_cast<int64_t>(value); });
}

/// May be left out; then `nothing` is its name where it is written or shown all the same (empty: it is not).
template <typename T>
Type<std::optional<T>> maybe(const Type<T>& type) {
  return {.read = [type](Reader& reader, const Place& place) -> std::optional<std::optional<T>> {
            auto value = type.read(reader, place);
            if (!value) return std::nullopt;
            return std::optional<std::optional<T>>(std::in_place, std::move(value));
          },
          .show = [type](const std::optional<T>& value) { return value ? type.show(*value) : Json(); },
          .schema = type.schema,
          .limits = type.limits};
}

/// `wanted` completes "must be ...". At least `least` elements.
template <typename T>
Type<std::vector<T>> list_of(const Type<T>& type, const std::string& wanted, size_t least = 0) {
  Json schema = {{"type", "array"}, {"items", type.schema}};
  if (least > 0) schema["minItems"] = least;
  return {.read = [type, wanted, least](Reader& reader, const Place& place) -> std::optional<std::vector<T>> {
            const auto items = reader.list(place, wanted);
            if (!items) return std::nullopt;
            if (items->size() < least) {
              reader.error(place, "must not be empty");
              return std::nullopt;
            }
            std::vector<T> out;
            for (const Place& item : *items)
              if (auto value = type.read(reader, item)) out.push_back(std::move(*value));
            return out;
          },
          .show =
              [type](const std::vector<T>& values) {
                Json out = Json::array();
                for (const T& value : values) out.push_back(type.show(value));
                return out;
              },
          .schema = std::move(schema),
          .limits = type.limits};
}

/// A list of which a single element may be written without brackets.
template <typename T>
Type<std::vector<T>> one_or_more(const Type<T>& type, const std::string& wanted) {
  const auto list = list_of(type, wanted, 1);
  return {.read = [type, list](Reader& reader, const Place& place) -> std::optional<std::vector<T>> {
            if (place.node.IsSequence() || place.node.IsNull()) {
              auto values = list.read(reader, place);
              if (values && values->size() == 1)
                reader.also_at(place.path + "[0]", place.path);  // shown without brackets
              return values;
            }
            auto value = type.read(reader, place);
            if (!value) return std::nullopt;
            std::vector<T> out;
            out.push_back(std::move(*value));
            return out;
          },
          .show = [type, list](const std::vector<T>& values) -> Json {
            if (values.empty()) return nullptr;  // nothing can be written that would mean it
            return values.size() == 1 ? type.show(values.front()) : list.show(values);
          },
          .schema = {{"anyOf", Json::array({type.schema, list.schema})}},
          .limits = type.limits};
}

/// A map with names of the user's choice; `pattern` is of the names and `otherwise` completes `"a b" ...`.
template <typename T>
using Named = std::vector<std::pair<std::string, T>>;
/// Whether a name matches; RE2, as a whole.
bool matches(const std::string& text, const std::string& pattern);

template <typename T>
Type<Named<T>> map_of(const Type<T>& type, const std::string& wanted, const std::string& pattern,
                      const std::string& otherwise) {
  return {.read = [type, wanted, pattern, otherwise](Reader& reader, const Place& place) -> std::optional<Named<T>> {
            const auto entries = reader.map(place, wanted);
            if (!entries) return std::nullopt;
            Named<T> out;
            for (const Entry& entry : *entries) {
              if (!matches(entry.key, pattern))
                reader.error(entry.mark, entry.value.path, in_quotes(entry.key) + " " + otherwise);
              else if (auto value = type.read(reader, entry.value))
                out.emplace_back(entry.key, std::move(*value));
            }
            return out;
          },
          .show =
              [type](const Named<T>& values) {
                Json out = Json::object();
                for (const auto& [name, value] : values) out[name] = type.show(value);
                return out;
              },
          .schema = {{"type", "object"},
                     {"propertyNames", {{"pattern", "^(" + pattern + ")$"}}},
                     {"additionalProperties", type.schema}},
          .limits = type.limits};
}

}  // namespace tidewatch::config
