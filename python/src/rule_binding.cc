#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "detectors/core/params.h"
#include "errors.h"
#include "rows.h"
#include "rule.h"
#include "watch_binding.h"

namespace tidewatch::python {

namespace py = pybind11;

namespace {

using VerdictRows = py::array_t<VerdictRow, py::array::c_style>;

Stakes stakes_named(const std::string& name) {
  const std::vector<std::string_view> names{"informative", "ordinary", "high", "safety"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    raise({"bad_value", fmt::format("stakes: \"{}\" is none of informative, ordinary, high, safety", name)});
  return static_cast<Stakes>(found - names.begin());
}

void at_least(std::string_view name, double value, double least) {
  if (!(value >= least) || !std::isfinite(value))
    raise({"bad_value", fmt::format("{}: {} is not a number of at least {}", name, value, least)});
}

Verdict verdict_of(const VerdictRow& row) {
  Verdict out;
  out.judgement = static_cast<Judgement>(row.judgement);
  out.direction = row.direction > 0 ? Direction::up : row.direction < 0 ? Direction::down : Direction::either;
  out.surprise = row.surprise;
  out.effect = row.effect;
  out.effect_absolute = row.effect_absolute;
  out.value = row.value;
  out.expected = row.expected;
  out.since_windows = row.since_windows;
  return out;
}

/// What the rule needs of a window that was judged under another one.
AlertRule rule_for(const Rule& rule, const VerdictRow& row) {
  AlertRule out = rule.at(Duration(row.width));
  if (row.is_limit) out.needs = {row.needed, 0, 0};
  return out;
}

std::vector<Transition> replay(const VerdictRows& verdicts, const Rule& rule) {
  const VerdictRow* rows = verdicts.data();
  const auto count = static_cast<size_t>(verdicts.size());
  const py::gil_scoped_release unlocked;
  std::vector<Transition> out;
  AlertLifecycle lifecycle;
  for (size_t i = 0; i < count; ++i) {
    auto step = lifecycle.step(rule_for(rule, rows[i]), rule.entity, Timestamp(Duration(rows[i].start)),
                               Duration(rows[i].width), verdict_of(rows[i]));
    if (step) out.push_back(std::move(*step));
  }
  return out;
}

py::array_t<bool> pages(const VerdictRows& verdicts, const Rule& rule) {
  py::array_t<bool> out(verdicts.size());
  bool* target = out.mutable_data();
  for (py::ssize_t i = 0; i < verdicts.size(); ++i)
    target[i] = severity_of(rule.alert.severity, verdict_of(verdicts.data()[i])) == Severity::page;
  return out;
}

int64_t nanoseconds(Timestamp time) { return time.time_since_epoch().count(); }

constexpr const char* kind_name(Transition::Kind kind) {
  return kind == Transition::Kind::fired ? "fired" : kind == Transition::Kind::escalated ? "escalated" : "resolved";
}

}  // namespace

void bind_rule(py::module_& module) {
  py::class_<Transition>(module, "Transition", "A change of an alert.")
      .def_property_readonly("kind", [](const Transition& t) { return kind_name(t.kind); })
      .def_readonly("is_reopened", &Transition::is_reopened)
      .def_readonly("is_without_data", &Transition::is_without_data)
      .def_readonly("id", &Transition::id)
      .def_property_readonly("severity", [](const Transition& t) { return std::string(name_of(t.severity)); })
      .def_property_readonly("starts_at", [](const Transition& t) { return nanoseconds(t.starts_at); })
      .def_property_readonly("observed_at", [](const Transition& t) { return nanoseconds(t.observed_at); })
      .def_property_readonly("ends_at", [](const Transition& t) { return nanoseconds(t.ends_at); })
      .def_property_readonly("surprise", [](const Transition& t) { return t.peak.surprise; })
      .def_property_readonly("effect", [](const Transition& t) { return t.peak.effect; })
      .def_property_readonly("value", [](const Transition& t) { return t.peak.value; })
      .def_property_readonly("expected", [](const Transition& t) { return t.peak.expected; });

  const AlertRule defaults;
  py::class_<Rule>(module, "Rule")
      .def(py::init([](const std::string& name, const std::string& entity, std::optional<double> min_surprise,
                       double false_alarms_per_week, double per_series, double min_effect, double min_effect_absolute,
                       uint32_t for_windows, uint32_t resolve_after, uint32_t resolve_missing_after,
                       uint32_t flap_windows, const std::string& stakes, const std::string& severity,
                       std::optional<double> page_above) {
             if (min_surprise) at_least("min_surprise", *min_surprise, 0);
             at_least("false_alarms_per_week", false_alarms_per_week, 1e-9);
             at_least("per_series", per_series, 1);
             at_least("min_effect", min_effect, 0);
             at_least("min_effect_absolute", min_effect_absolute, 0);
             Rule out;
             out.alert.name = name;
             out.alert.for_windows = for_windows;
             out.alert.resolve_after = resolve_after;
             out.alert.resolve_missing_after = resolve_missing_after;
             out.alert.flap_windows = flap_windows;
             out.alert.severity = {stakes_named(stakes), take(parse_severity(severity)), page_above};
             out.entity = entity;
             out.budget.per_week = false_alarms_per_week;
             out.budget.per_series = per_series;
             out.min_surprise = min_surprise;
             out.min_effect = min_effect;
             out.min_effect_absolute = min_effect_absolute;
             return out;
           }),
           py::arg("name"), py::arg("entity"), py::arg("min_surprise"), py::arg("false_alarms_per_week"),
           py::arg("per_series"), py::arg("min_effect"), py::arg("min_effect_absolute"), py::arg("for_windows"),
           py::arg("resolve_after"), py::arg("resolve_missing_after"), py::arg("flap_windows"), py::arg("stakes"),
           py::arg("severity"), py::arg("page_above"))
      .def(
          "needed_bits", [](const Rule& rule, int64_t width) { return rule.at(Duration(width)).needs.surprise; },
          py::arg("width"), "Surprise that an alert needs, for windows of so many nanoseconds.")
      .def(
          "replay", [](const Rule& rule, const VerdictRows& verdicts) { return replay(verdicts, rule); },
          py::arg("verdicts"))
      .def(
          "pages", [](const Rule& rule, const VerdictRows& verdicts) { return pages(verdicts, rule); },
          py::arg("verdicts"));
}

}  // namespace tidewatch::python
