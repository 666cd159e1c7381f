#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/sketch/aggregate.h"
#include "stream/assemble/combiner.h"
#include "stream/window/entity.h"
#include "stream/window/measures.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch {

/// Minutes after a Monday, 00:00 UTC: the start of a pane and of a window of any width up to a day.
inline Timestamp minute(double minutes) {
  return Timestamp(std::chrono::days(19723)) +
         std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<60>>(minutes));
}

inline constexpr std::string_view kShop = "service=shop";
inline constexpr std::string_view kChat = "service=shop,endpoint=/chat";

/// Builds what assemble says of an entity's pane.
class PartialOf {
 public:
  PartialOf(std::string_view key, double start_minute) : key_(key) {
    const auto labels = parse_entity_key(key);
    for (const auto& [name, value] : *labels) {
      auto* label = partial_.add_entity();
      label->set_name(name);
      label->set_value(value);
    }
    partial_.set_pane_start_unix_nano(minute(start_minute).time_since_epoch().count());
    partial_.set_pane_width_nano(Duration(std::chrono::minutes(1)).count());
    start_ = start_minute;
  }

  PartialOf& requests(int n) {
    Aggregate sum(MeasureKind::sum);
    for (int i = 0; i < n; ++i) sum.add_value(1);
    return add("requests", sum);
  }
  PartialOf& rate(std::string_view measure, int bad, int n) {
    const auto id = catalog_.find_or_derive(measure);
    Aggregate rate(MeasureKind::rate, worst_end_of(catalog_.info(*id)));
    for (int i = 0; i < n; ++i) {
      Exemplar exemplar;
      exemplar.trace_id = "trace-" + std::to_string(start_) + "-" + std::to_string(i);
      exemplar.topic = "otlp_spans";
      exemplar.offset = i;
      rate.add_trial(i < bad, 1, &exemplar);
    }
    return add(measure, rate);
  }
  PartialOf& values(std::string_view measure, const std::vector<double>& values) {
    const auto id = catalog_.find_or_derive(measure);
    Aggregate distribution(catalog_.info(*id).kind, worst_end_of(catalog_.info(*id)));
    for (const double value : values) distribution.add_value(value);
    return add(measure, distribution);
  }
  PartialOf& add(std::string_view measure, const Aggregate& aggregate) {
    auto* row = partial_.add_measures();
    row->set_measure(std::string(measure));
    row->set_aggregate(aggregate.serialize());
    return *this;
  }
  PartialOf& saw(std::string_view label, std::string_view value) {
    auto* sighting = partial_.add_sightings();
    sighting->set_label(std::string(label));
    sighting->set_value(std::string(value));
    sighting->set_time_unix_nano(minute(start_ + 0.25).time_since_epoch().count());
    sighting->set_trace_id("0123456789abcdef");
    return *this;
  }

  const std::string& key() const { return key_; }
  std::string bytes() const { return partial_.SerializeAsString(); }
  v1::Partial& partial() { return partial_; }

 private:
  MeasureCatalog catalog_;
  std::string key_;
  v1::Partial partial_;
  double start_ = 0;
};

/// A minute of ordinary traffic: `n` requests of which `errors` failed.
inline PartialOf traffic(std::string_view key, double start_minute, int errors = 1, int n = 100) {
  return PartialOf(key, start_minute).requests(n).rate("error_rate", errors, n);
}

}  // namespace tidewatch
