#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/result.h"

namespace tidewatch {

/// Labels of a request or of a call inside it, by canonical name. Small: linear search beats hashing.
class Labels {
 public:
  Labels() = default;
  Labels(std::initializer_list<std::pair<std::string, std::string>> rows) : rows_(rows) {}

  void set(std::string_view name, std::string_view value);            ///< overwrites; an empty value is ignored
  void set_if_absent(std::string_view name, std::string_view value);  ///< keeps what is there
  const std::string* find(std::string_view name) const;
  std::string_view get(std::string_view name) const;  ///< empty when absent
  bool empty() const { return rows_.empty(); }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }
  bool operator==(const Labels&) const = default;

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

/// A group of labels whose values are watched, e.g. {service, endpoint, model}.
using EntityGroup = std::vector<std::string>;

/// Key of the entity that `labels` belong to in `group`: "service=shop,endpoint=/chat", in the group's order, with
/// `\`, `,` and `=` in values escaped by `\`. Empty when a label of the group is missing: then there is no such entity.
/// `model` replaces the label of that name when not empty: calls inside one request may use several models.
std::string entity_key(const EntityGroup& group, const Labels& labels, std::string_view model = {});

/// The labels of a key. Error: `bad_entity` when it was not made by entity_key().
Result<Labels> parse_entity_key(std::string_view key);

/// "service, endpoint, model": how a group is named to people.
std::string group_name(const EntityGroup& group);

}  // namespace tidewatch
