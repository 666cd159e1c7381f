#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "app/config/format/types.h"

namespace tidewatch::config {

/// One key of a section: written once, for reading, showing, schema and documentation.
template <typename Owner>
struct Key {
  std::string name;
  std::string help;
  std::function<void(Reader&, const Place&, Owner&)> read;
  std::function<Json(const Owner&)> show;  ///< null: left out
  Json schema;                             ///< with description and default
  bool is_required = false;
};

/// The keys of a section, in the order they are read and shown.
template <typename Owner>
struct Table {
  std::vector<Key<Owner>> keys;
  /// Keys that depend on what the others said (a detector's parameters), read after them.
  std::function<std::vector<Key<Owner>>(const Owner&)> more;
  /// Keys that have their reason not to be there, with the sentence that says it.
  std::vector<std::pair<std::string, std::string>> refused;

  void read(Reader& reader, const Place& place, Owner& owner) const;
  Json show(const Owner& owner) const;
  Json schema() const;
};

/// Chains members: at(&Config::assemble, &AssembleOptions::pane).
template <typename Outer, typename Inner, typename Middle>
auto at(Middle Outer::*outer, Inner Middle::*inner) {
  return [=](auto& owner) -> auto& { return owner.*outer.*inner; };
}
template <typename Outer, typename Middle, typename Inner, typename Innermost>
auto at(Middle Outer::*outer, Inner Middle::*inner, Innermost Inner::*innermost) {
  return [=](auto& owner) -> auto& { return owner.*outer.*inner.*innermost; };
}
template <typename Owner, typename Member>
auto at(Member Owner::*member) {
  return [=](auto& owner) -> auto& { return owner.*member; };
}

inline std::string described(const std::string& help, const std::string& limits) {
  return limits.empty() ? help : help + " (" + limits + ")";
}

/// A key whose value is what `access(owner)` refers to. The default is what a fresh Owner has.
template <typename Owner, typename Access, typename T>
Key<Owner> key(const std::string& name, Access access, const Type<T>& type, const std::string& help) {
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(access(std::declval<Owner&>()))>, T>);
  Key<Owner> out;
  out.name = name;
  out.help = help;
  out.read = [access, read = type.read](Reader& reader, const Place& place, Owner& owner) {
    if (auto value = read(reader, place)) access(owner) = std::move(*value);
  };
  out.show = [access, show = type.show](const Owner& owner) { return show(access(owner)); };
  out.schema = type.schema;
  out.schema["description"] = described(help, type.limits);
  const Owner fresh{};
  if (Json value = out.show(fresh); !value.is_null()) out.schema["default"] = std::move(value);
  return out;
}

/// The same of a key without default.
template <typename Owner>
Key<Owner> required(Key<Owner> key) {
  key.is_required = true;
  key.schema.erase("default");
  return key;
}

/// A section whose keys belong to the same owner.
template <typename Owner>
Key<Owner> section(const std::string& name, const Table<Owner>& table, const std::string& help) {
  Key<Owner> out;
  out.name = name;
  out.help = help;
  out.read = [table](Reader& reader, const Place& place, Owner& owner) { table.read(reader, place, owner); };
  out.show = [table](const Owner& owner) { return table.show(owner); };
  out.schema = table.schema();
  out.schema["description"] = help;
  return out;
}

/// A map with the keys of a table, as a type of its own. T{} is what the keys change.
template <typename T>
Type<T> record(const Table<T>& table) {
  return {.read = [table](Reader& reader, const Place& place) -> std::optional<T> {
            T out{};
            table.read(reader, place, out);
            return out;
          },
          .show = [table](const T& value) { return table.show(value); },
          .schema = table.schema(),
          .limits = {}};
}

/// Reports an entry that no key reads: with the nearest name, or the reason why it is refused.
void report_unknown(Reader& reader, const Entry& entry, const std::vector<std::string_view>& names,
                    const std::vector<std::pair<std::string, std::string>>& refused);

template <typename Owner>
void Table<Owner>::read(Reader& reader, const Place& place, Owner& owner) const {
  const auto entries = reader.map(place, "a map of keys");
  if (!entries) return;
  std::vector<std::string_view> names;
  const auto read_keys = [&](const std::vector<Key<Owner>>& some) {
    for (const Key<Owner>& known : some) {
      names.push_back(known.name);
      const auto entry =
          std::find_if(entries->begin(), entries->end(), [&](const Entry& e) { return e.key == known.name; });
      if (entry != entries->end())
        known.read(reader, entry->value, owner);
      else if (known.is_required)
        reader.error(place, (known.name.ends_with('s') ? "needs " : "needs a ") + known.name + ": " + known.help);
    }
  };
  read_keys(keys);
  const auto rest = more ? more(owner) : std::vector<Key<Owner>>{};
  read_keys(rest);
  for (const Entry& entry : *entries)
    if (std::find(names.begin(), names.end(), entry.key) == names.end()) report_unknown(reader, entry, names, refused);
}

template <typename Owner>
Json Table<Owner>::show(const Owner& owner) const {
  Json out = Json::object();
  const auto show_keys = [&](const std::vector<Key<Owner>>& some) {
    for (const Key<Owner>& known : some)
      if (Json value = known.show(owner); !value.is_null()) out[known.name] = std::move(value);
  };
  show_keys(keys);
  if (more) show_keys(more(owner));
  return out;
}

template <typename Owner>
Json Table<Owner>::schema() const {
  Json out = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  Json required_names = Json::array();
  for (const Key<Owner>& known : keys) {
    out["properties"][known.name] = known.schema;
    if (known.is_required) required_names.push_back(known.name);
  }
  if (!required_names.empty()) out["required"] = std::move(required_names);
  return out;
}

}  // namespace tidewatch::config
