#include "stream/ingest/dialects/dialect_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tidewatch {
namespace {

constexpr std::array<std::string_view, kFieldCount> kNames{
#define FIELD(name, kind) #name,
#include "stream/ingest/dialects/fields.def"
#undef FIELD
};
constexpr std::array<FieldKind, kFieldCount> kKinds{
#define FIELD(name, kind) FieldKind::kind,
#include "stream/ingest/dialects/fields.def"
#undef FIELD
};

constexpr std::array<std::pair<std::string_view, EventRole>, 9> kEventRoles{{
    {"system", EventRole::system},
    {"user", EventRole::user},
    {"assistant", EventRole::assistant},
    {"tool", EventRole::tool},
    {"choice", EventRole::choice},
    {"details", EventRole::details},
    {"first_token", EventRole::first_token},
    {"evaluation", EventRole::evaluation},
    {"exception", EventRole::exception},
}};

constexpr std::array<std::pair<std::string_view, TimeUnit>, 4> kUnits{{{"s", TimeUnit::seconds},
                                                                       {"ms", TimeUnit::milliseconds},
                                                                       {"ns", TimeUnit::nanoseconds},
                                                                       {"time", TimeUnit::time}}};

template <typename Value, size_t N>
Value named(const std::array<std::pair<std::string_view, Value>, N>& rows, const std::string& name,
            std::string_view where) {
  for (const auto& [known, value] : rows)
    if (known == name) return value;
  std::string all;
  for (const auto& [known, value] : rows) all += fmt::format("{}{}", all.empty() ? "" : ", ", known);
  throw DialectParser::Mistake{fmt::format("{}: \"{}\" is none of {}", where, name, all)};
}

/// Ranks: by the dialect's order, then by the place in its list.
constexpr int kPlaces = 100;

}  // namespace

std::string_view DialectTable::name_of(CanonicalField field) { return kNames[static_cast<size_t>(field)]; }
FieldKind DialectTable::kind_of(CanonicalField field) { return kKinds[static_cast<size_t>(field)]; }

LabelKeys read_label_keys(std::string_view yaml) {
  LabelKeys out;
  for (const auto& row : YAML::Load(std::string(yaml)))
    out[row.first.as<std::string>()] = row.second.as<std::vector<std::string>>();
  return out;
}

void DialectParser::add_file(std::string_view file, std::string_view yaml) {
  const YAML::Node root = YAML::Load(std::string(yaml));
  if (!root.IsSequence()) return add_dialect(file, root);
  for (const auto& dialect : root) add_dialect(file, dialect);
}

void DialectParser::add_dialect(std::string_view file, const YAML::Node& node) {
  const auto index = static_cast<uint8_t>(out_.dialects_.size());
  DialectTable::Dialect dialect{node["dialect"].as<std::string>(), node["order"].as<int>()};
  const std::string where = fmt::format("{}: {}", file, dialect.name);
  if (dialect.order < 1 || dialect.order > 600) throw Mistake{where + ": order must be from 1 to 600"};
  out_.dialects_.push_back(std::move(dialect));
  for (const auto& part : node) {
    const auto key = part.first.as<std::string>();
    if (key == "dialect" || key == "order") continue;
    if (key == "scopes") {
      add_scopes(part.second, index);
    } else if (key == "events") {
      add_events(where, part.second);
    } else if (key == "fields") {
      for (const auto& row : part.second) {
        const auto name = row.first.as<std::string>();
        const auto found = std::find(kNames.begin(), kNames.end(), name);
        if (found == kNames.end() || name == "label")
          throw Mistake{fmt::format("{}: unknown field \"{}\"; fields.def lists them", where, name)};
        add_field(fmt::format("{}.{}", where, name), static_cast<CanonicalField>(found - kNames.begin()), row.second,
                  index);
      }
    } else {
      throw Mistake{fmt::format("{}: unknown key \"{}\"; use scopes, fields or events", where, key)};
    }
  }
}

void DialectParser::add_scopes(const YAML::Node& scopes, uint8_t dialect) {
  for (const auto& node : scopes) {
    auto scope = node.as<std::string>();
    if (scope.ends_with('.'))
      out_.scope_prefixes_.emplace_back(std::move(scope), dialect);
    else
      out_.scopes_.emplace(std::move(scope), dialect);
  }
}

void DialectParser::add_events(std::string_view where, const YAML::Node& events) {
  for (const auto& row : events)
    out_.events_[row.first.as<std::string>()] = named(kEventRoles, row.second.as<std::string>(), where);
}

void DialectParser::add_field(std::string_view where, CanonicalField field, const YAML::Node& rows, uint8_t dialect) {
  if (!rows.IsSequence()) throw Mistake{fmt::format("{}: must be a list of attribute keys", where)};
  if (rows.size() >= kPlaces) throw Mistake{fmt::format("{}: more than {} keys", where, kPlaces - 1)};
  int place = 0;
  for (const auto& row : rows) {
    std::string key;
    Alias alias = read_row(where, field, row, key);
    alias.dialect = dialect;
    alias.rank = static_cast<uint16_t>(out_.dialects_[dialect].order * kPlaces + place++);
    add(where, std::move(key), std::move(alias));
  }
}

Alias DialectParser::read_row(std::string_view where, CanonicalField field, const YAML::Node& row, std::string& key) {
  Alias out;
  out.field = field;
  if (row.IsScalar()) {
    key = row.as<std::string>();
    return out;
  }
  for (const auto& part : row) {
    const auto name = part.first.as<std::string>();
    if (name == "key") {
      key = part.second.as<std::string>();
    } else if (name == "means") {
      out.means = part.second.as<std::string>();
    } else if (name == "unit") {
      out.unit = named(kUnits, part.second.as<std::string>(), where);
    } else if (name == "extra") {
      out.is_extra = part.second.as<bool>();
    } else if (name == "verbatim") {
      out.is_verbatim = part.second.as<bool>();
    } else if (name == "extra_for") {
      out.extra_for = part.second.as<std::vector<std::string>>();
    } else if (name == "values") {
      for (const auto& value : part.second)
        for (const auto& word : value.second)
          out.values[squash(word.as<std::string>())] = value.first.as<std::string>();
    } else {
      throw Mistake{fmt::format("{}: unknown key \"{}\"; use key, values, means, unit, verbatim, extra or extra_for",
                                where, name)};
    }
  }
  if (key.empty()) throw Mistake{fmt::format("{}: a row without key", where)};
  return out;
}

void DialectParser::add(std::string_view where, std::string key, Alias alias) {
  if (const size_t hash = key.find('#'); hash != std::string::npos) {
    alias.pointer = key.substr(hash + 1);
    key.resize(hash);
    if (alias.pointer.empty() || alias.pointer.front() != '/')
      throw Mistake{fmt::format("{}: what follows # in \"{}\" must be a JSON pointer (/a/b)", where, key)};
  }
  auto& rows = out_.keys_[key];
  for (const auto& row : rows)
    if (row.field == alias.field && row.pointer == alias.pointer && row.label == alias.label && row.means.empty() &&
        alias.means.empty() && row.values.empty() && alias.values.empty())
      throw Mistake{fmt::format("{}: \"{}\" stands twice", where, key)};
  rows.push_back(std::move(alias));
}

void DialectParser::add_labels(const LabelKeys& keys, const LabelKeys& first) {
  LabelKeys all = first;
  for (const auto& [label, defaults] : keys)
    for (const auto& key : defaults) {
      auto& known = all[label];
      if (std::find(known.begin(), known.end(), key) == known.end()) known.push_back(key);
    }
  for (const auto& [label, list] : all) {
    const bool is_cost = label == "cost";
    if (!is_cost) out_.labels_.push_back(label);
    uint16_t place = 0;
    for (const auto& key : list) {
      Alias alias;
      alias.field = is_cost ? CanonicalField::cost_usd : CanonicalField::label;
      alias.rank = place++;
      alias.dialect = kNoDialect;
      if (!is_cost) alias.label = static_cast<uint16_t>(out_.labels_.size() - 1);
      add(fmt::format("labels: {}", label), key, std::move(alias));
    }
  }
}

}  // namespace tidewatch
