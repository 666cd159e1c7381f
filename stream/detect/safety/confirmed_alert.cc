#include "stream/detect/safety/confirmed_alert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "detectors/decide/ids.h"
#include "detectors/decide/wording.h"
#include "stream/detect/messages.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

std::string where_in_words(const EntityMonitor& entity) {
  std::string out;
  for (const auto& [name, value] : entity.labels()) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return out;
}

std::string why(const EntityMonitor& entity, const ConfirmedNews& news) {
  if (news.is_resolved)
    return fmt::format("No further unsafe answer of {} was confirmed by the evaluation {} since {}.",
                       where_in_words(entity), news.evaluation, format_time(news.last));
  const std::string count = format_quantity(std::round(std::max(1.0, news.failed)), Quantity::count);
  std::string out = fmt::format("The evaluation {} found {} unsafe {} of {}", news.evaluation, count,
                                count == "1" ? "answer" : "answers", where_in_words(entity));
  if (!news.exemplars.empty())
    out +=
        fmt::format("{}: trace {}", count == "1" ? "" : ", the first", hex_trace_id(news.exemplars.front().trace_id));
  return out + fmt::format(", evaluated {}. One confirmed case is enough: look at it now.",
                           format_span(news.starts_at, news.last));
}

}  // namespace

v1::Alert confirmed_alert(const EntityMonitor& entity, const ConfirmedNews& news, const DetectOptions& options) {
  v1::Alert out;
  out.set_id(alert_id(fmt::format("confirmed/{}", news.evaluation), entity.key(), news.starts_at));
  out.set_state(news.is_resolved ? "resolved" : "firing");
  out.set_transition(news.is_resolved ? "resolved" : "fired");
  out.set_severity(std::string(name_of(Severity::page)));
  out.set_kind(std::string(kConfirmedKind));
  out.set_rule("confirmed_" + news.evaluation);
  out.set_measure("pass_" + news.evaluation);
  for (const auto& [name, value] : entity.labels()) (*out.mutable_labels())[name] = value;
  *out.mutable_starts_at() = to_proto(news.starts_at);
  *out.mutable_observed_at() = to_proto(news.observed_at);
  out.set_window_seconds(to_seconds(options.pane));
  out.set_expected(1);
  out.set_unit("share");
  out.set_direction("down");
  out.set_config_version(options.config_version);
  out.set_why(why(entity, news));
  if (news.is_resolved) {
    *out.mutable_ends_at() = to_proto(news.last);
    out.set_value(1);
    return out;
  }
  out.set_value(1 - news.failed / news.evaluated);
  out.set_effect(out.value() - 1);
  out.set_effect_absolute(out.value() - 1);
  out.set_n(news.evaluated);
  for (const Exemplar& exemplar : news.exemplars) {
    out.add_exemplars(hex_trace_id(exemplar.trace_id));
    auto* position = out.add_offsets();
    position->set_topic(exemplar.topic);
    position->set_partition(exemplar.partition);
    position->set_offset(exemplar.offset);
  }
  return out;
}

}  // namespace tidewatch
