#include "app/config/index_weights.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

namespace tidewatch::config {
namespace {

/// What is wrong with a measure that cannot have a weight; empty: nothing.
std::string why_not(const Names& names, const std::string& name) {
  MeasureCatalog catalog = names.measures;
  const auto id = catalog.find_or_derive(name);
  if (!id) {
    if (const auto watched = resolve_watched(catalog, name))
      return fmt::format("is one statistic of {}, which has the weight", catalog.info(watched->measure).name);
    std::vector<std::string_view> known;
    known.reserve(catalog.size());
    for (size_t i = 0; i < catalog.size(); ++i) known.push_back(catalog.info(static_cast<MeasureId>(i)).name);
    return unknown_name("measure", name, known);
  }
  if (catalog.info(*id).worse == Worse::none) return "has no worse side, so it says nothing of how good answers are";
  return {};
}

}  // namespace

Type<IndexWeights> index_weights(const Names& names) {
  constexpr double kMost = 100;
  const auto map = map_of(number(range(0, kMost)), "a map from measures to weights", kLabelPattern, "is no measure");
  auto out = converted<IndexWeights, Named<double>>(
      map, [](Named<double> rows) { return IndexWeights(rows.begin(), rows.end()); },
      [](const IndexWeights& weights) { return Named<double>(weights.begin(), weights.end()); });
  out.read = [read = out.read, names](Reader& reader, const Place& place) -> std::optional<IndexWeights> {
    const auto weights = read(reader, place);
    if (!weights) return weights;
    for (const auto& [name, weight] : *weights)
      if (const std::string error = why_not(names, name); !error.empty())
        reader.error_at(place.path + "." + name, error);
    return weights;
  };
  return out;
}

}  // namespace tidewatch::config
