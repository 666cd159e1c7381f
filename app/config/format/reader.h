#pragma once

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"

namespace tidewatch::config {

using Json = nlohmann::ordered_json;

/// `"text"`, escaped and cut where it is long: what a user wrote, as messages show it.
std::string in_quotes(std::string_view text);

/// A node of the document and its path in the config. Not assignable: assigning to a node writes into the document.
struct Place {
  Place(const YAML::Node& at, std::string name) : Place(at, std::move(name), at.Mark()) {}
  Place(const YAML::Node& at, std::string name, const YAML::Mark& shown)
      : node(at), path(std::move(name)), mark(shown) {}

  const YAML::Node node;
  std::string path;
  YAML::Mark mark;  ///< where it is, for people: nothing written is at its key
};

/// A key of a map with its value.
struct Entry {
  std::string key;
  YAML::Mark mark;  ///< of the key
  Place value;
};

/// A scalar with its references resolved.
struct Scalar {
  std::string value;
  std::string reference;  ///< as written, when there was one: then `value` must not be shown
  bool is_quoted = false;

  /// How messages name it: `"5"`, or `the value of ${env:PORT}`.
  std::string in_words() const;
};

/// Walks a parsed document: remembers where each value stood and collects everything that is wrong.
class Reader {
 public:
  /// Values beyond which a document is refused: aliases can make a short text mean a very long one.
  static constexpr size_t kMaxValues = 100'000;

  Reader(std::string file, const Environment& environment, Origins& origins)
      : file_(std::move(file)), environment_(environment), origins_(origins) {}

  void error(const YAML::Mark& mark, const std::string& path, std::string message);
  void error(const Place& place, std::string message) { error(place.mark, place.path, std::move(message)); }
  /// Of a value that may be a default: at the place of the nearest of `path` and what it is part of that was written.
  void error_at(const std::string& path, std::string message);
  size_t error_count() const { return errors_.size(); }
  std::vector<ConfigError> take_errors();  ///< sorted by position, without repetitions

  bool was_written(std::string_view path) const { return origins_.contains(path); }

  /// `to` is another way to name what stands at `from`: it gets the same origin.
  void also_at(const std::string& from, const std::string& to);

  /// A text, number or boolean; `wanted` completes "must be ...". nullopt: reported.
  std::optional<Scalar> scalar(const Place& place, std::string_view wanted);
  /// Keys in the order of the file, merge keys (`<<`) applied. Nothing written counts as empty. nullopt: reported.
  std::optional<std::vector<Entry>> map(const Place& place, std::string_view wanted);
  /// Elements, with paths "path[0]". nullopt: reported.
  std::optional<std::vector<Place>> list(const Place& place, std::string_view wanted);

 private:
  bool visit(const Place& place);  ///< false: too many values, reported once
  void add_entries(const Place& place, std::vector<Entry>& entries);
  void merge(const Place& place, std::set<std::string_view>& known, std::vector<Entry>& entries);
  std::optional<std::string> resolve(const Place& place, const std::string& text, bool& has_reference);
  std::optional<std::string> value_of(const Place& place, std::string_view kind, const std::string& name);

  std::string file_;
  const Environment& environment_;
  Origins& origins_;
  std::vector<ConfigError> errors_;
  size_t values_ = 0;
};

}  // namespace tidewatch::config
