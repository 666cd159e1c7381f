#include "detectors/detect/registry.h"

#include <array>

#include "detectors/detect/combination.h"
#include "detectors/detect/comovement.h"
#include "detectors/detect/contrast.h"
#include "detectors/detect/drift.h"
#include "detectors/detect/gap.h"
#include "detectors/detect/multivariate.h"
#include "detectors/detect/novelty/novelty.h"
#include "detectors/detect/point.h"
#include "detectors/detect/reference.h"
#include "detectors/detect/shift.h"
#include "detectors/detect/subspace.h"
#include "detectors/detect/threshold.h"
#include "detectors/detect/trend.h"

namespace tidewatch {
namespace {

using Made = Result<std::unique_ptr<Detector>>;

template <typename D>
Made make(const DetectorSettings& settings, size_t observations) {
  typename D::Params params;
  for (const auto& [name, value] : settings)
    if (auto set = set_param(params, name, value); !set) return set.error();
  if constexpr (requires { params.check(); })  // what no single row of the table can say
    if (auto together = params.check(); !together) return together.error();
  return Made(std::make_unique<D>(params, observations));
}

struct Entry {
  std::string_view name;
  std::string_view help;
  Made (*make)(const DetectorSettings&, size_t);
  std::vector<ParamInfo> (*describe)();
  bool is_multivariate;
  bool watches_categories;
  bool judges_few;
  bool compares_reference;
  bool compares_siblings;
};

// What a class does not say of itself is not so.
template <typename D>
constexpr bool kIsMultivariate = requires { requires D::kIsMultivariate; };
template <typename D>
constexpr bool kWatchesCategories = requires { requires D::kWatchesCategories; };
template <typename D>
constexpr bool kJudgesFew = requires { requires D::kJudgesFew; };
template <typename D>
constexpr bool kComparesReference = requires { requires D::kComparesReference; };
template <typename D>
constexpr bool kComparesSiblings = requires { requires D::kComparesSiblings; };

constexpr auto kEntries = std::to_array<Entry>({
#define DETECTOR(name, type, help) \
  {#name,                          \
   help,                           \
   &make<type>,                    \
   &describe_params<type::Params>, \
   kIsMultivariate<type>,          \
   kWatchesCategories<type>,       \
   kJudgesFew<type>,               \
   kComparesReference<type>,       \
   kComparesSiblings<type>},
#include "detectors/detect/registry.def"
#undef DETECTOR
});

Result<const Entry*> find(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return &entry;
    names.push_back(entry.name);
  }
  const auto near = nearest_name(name, names);
  return Error{"unknown_detector", near.empty()
                                       ? fmt::format("{}: unknown detector", name)
                                       : fmt::format("{}: unknown detector; did you mean \"{}\"?", name, near)};
}

}  // namespace

const std::vector<DetectorInfo>& describe_detectors() {
  static const std::vector<DetectorInfo> all = [] {
    std::vector<DetectorInfo> out;
    out.reserve(kEntries.size());
    for (const Entry& entry : kEntries)
      out.push_back({std::string(entry.name), std::string(entry.help), entry.describe(), entry.is_multivariate,
                     entry.watches_categories, entry.judges_few, entry.compares_reference, entry.compares_siblings});
    return out;
  }();
  return all;
}

Result<std::unique_ptr<Detector>> make_detector(std::string_view name, const DetectorSettings& settings,
                                                size_t observations) {
  const auto entry = find(name);
  if (!entry) return entry.error();
  return (*entry)->make(settings, observations);
}

Status check_observations(std::string_view name, size_t observations) {
  const auto entry = find(name);
  if (!entry) return entry.error();
  if (observations > 1 && !(*entry)->is_multivariate)
    return Error{"bad_measures", fmt::format("{} watches one measure, not {}: write a rule for each, or the detector "
                                             "multivariate to judge them together",
                                             name, observations)};
  if (observations == 1 && (*entry)->is_multivariate)
    return Error{"bad_measures",
                 fmt::format("{} judges several measures together; for one alone use point or shift", name)};
  return ok_status();
}

Result<const DetectorInfo*> find_detector(std::string_view name) {
  const auto entry = find(name);
  if (!entry) return entry.error();
  return &describe_detectors()[static_cast<size_t>(*entry - kEntries.data())];
}

Status check_kind(std::string_view name, MeasureKind kind, Statistic statistic) {
  const auto detector = find_detector(name);
  if (!detector) return detector.error();
  if ((*detector)->compares_reference && (kind == MeasureKind::sum || kind == MeasureKind::distinct))
    return Error{"bad_measures", fmt::format("is a volume, of which a test set says nothing that {} could compare; "
                                             "rates, means and quantiles can be compared",
                                             name)};
  const bool is_quantile = statistic != Statistic::value && statistic != Statistic::mean;
  if ((*detector)->watches_categories && is_quantile)
    return Error{"bad_measures",
                 fmt::format("is one number of a distribution, and {} judges the whole of it: leave out "
                             "_{}",
                             name, name_of(statistic))};
  if ((*detector)->compares_siblings && (kind == MeasureKind::sum || kind == MeasureKind::distinct))
    return Error{"bad_measures", fmt::format("is a volume: how much each of several siblings has is no matter of how "
                                             "good it is; {} compares rates, means and quantiles",
                                             name)};
  const bool is_composition = kind == MeasureKind::composition;
  const bool has_categories = is_composition || kind == MeasureKind::distribution;  // classes of values
  if ((*detector)->watches_categories ? has_categories : !is_composition) return ok_status();
  return Error{"bad_measures",
               is_composition
                   ? fmt::format("is a composition, whose categories {} cannot judge; drift can", name)
                   : fmt::format("is one number, so it has no categories or classes of values for {} to judge", name)};
}

Status check_detector(std::string_view name, const DetectorSettings& settings) {
  const auto made = make_detector(name, settings, 1);
  if (!made) return made.error();
  return ok_status();
}

}  // namespace tidewatch
