#include "stream/detect/reference_set.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iterator>

#include "stream/window/measures.h"
#include "tidewatch/v1/reference.pb.h"

namespace tidewatch {
namespace {

Error bad_line(size_t line, std::string_view what) {
  return {"bad_reference",
          fmt::format("line {}: {}; files of this kind are written by `tidewatch reference`", line, what)};
}

Result<ReferenceSet::Entry> parse_line(std::string_view text, size_t line, MeasureCatalog& catalog) {
  v1::Reference message;
  if (!google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &message).ok())
    return bad_line(line, "is no entity of a reference");
  ReferenceSet::Entry out;
  const std::map<std::string, std::string> sorted(message.labels().begin(), message.labels().end());
  for (const auto& [name, value] : sorted) out.labels.set(name, value);
  if (out.labels.empty()) return bad_line(line, "has no labels");
  for (const auto& measure : message.measures()) {
    auto aggregate = Aggregate::deserialize(measure.aggregate());
    if (!aggregate) return bad_line(line, fmt::format("{}: {}", measure.measure(), aggregate.error().message));
    const auto id = catalog.find_or_derive(measure.measure());
    if (!id || catalog.info(*id).kind != aggregate->kind())
      return bad_line(line, fmt::format("{}: not a measure of this config, or one of another kind", measure.measure()));
    out.measures.insert_or_assign(*id, std::move(aggregate).value());
  }
  return Result<ReferenceSet::Entry>(std::move(out));
}

size_t size_of(const Labels& labels) { return static_cast<size_t>(std::distance(labels.begin(), labels.end())); }

}  // namespace

Result<ReferenceSet> ReferenceSet::parse(std::string_view text, MeasureCatalog& catalog) {
  ReferenceSet out;
  for (size_t line = 1; !text.empty(); ++line) {
    const std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), row.size() + 1));
    if (row.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto entry = parse_line(row, line, catalog);
    if (!entry) return entry.error();
    out.entries_.push_back(std::move(entry).value());
  }
  std::stable_sort(out.entries_.begin(), out.entries_.end(),
                   [](const Entry& a, const Entry& b) { return size_of(a.labels) > size_of(b.labels); });
  return Result<ReferenceSet>(std::move(out));
}

std::vector<const ReferenceSet::Entry*> ReferenceSet::matching(const Labels& entity) const {
  std::vector<const Entry*> out;
  for (const Entry& entry : entries_) {
    const bool has_all = std::all_of(entry.labels.begin(), entry.labels.end(), [&](const auto& label) {
      const std::string* value = entity.find(label.first);
      return value != nullptr && *value == label.second;
    });
    if (has_all) out.push_back(&entry);
  }
  return out;
}

}  // namespace tidewatch
