#include <pybind11/stl.h>

#include <array>
#include <optional>

#include "detectors/sketch/aggregate.h"
#include "detectors/sketch/distinct.h"
#include "rows.h"
#include "series_data.h"
#include "sketch_binding.h"
#include "watch_binding.h"

namespace tidewatch::python {
namespace {

Statistic statistic_named(const std::string& name) {
  for (const auto each : {Statistic::value, Statistic::mean, Statistic::p50, Statistic::p95, Statistic::p99})
    if (name_of(each) == name) return each;
  raise({"bad_value", fmt::format("statistic: \"{}\" is none of value, mean, p50, p95, p99", name)});
}

void expect_kind(const Aggregate& aggregate, MeasureKind kind, MeasureKind or_kind, const char* method) {
  if (aggregate.kind() != kind && aggregate.kind() != or_kind)
    raise({"bad_measures", fmt::format("{}: the aggregate is of kind {}", method, name_of(aggregate.kind()))});
}

py::array_t<ObservationRow> observe(const Aggregate& aggregate, const std::string& statistic) {
  const Observation seen = aggregate.observe(statistic_named(statistic));
  py::array_t<ObservationRow> out(1);
  *out.mutable_data() = {seen.value, seen.variance, seen.n, seen.successes, seen.trials, seen.events};
  return out;
}

std::string write(const Aggregate& aggregate) { return aggregate.serialize(); }

}  // namespace

void bind_aggregate(py::module_& module) {
  py::class_<Aggregate> bound(module, "Aggregate",
                              R"(The mergeable summary of one measure in one window, as the engine keeps it.

Merging is commutative and associative and equals adding everything to one aggregate, bit for bit.

Parameters
----------
kind : {"rate", "distribution", "sum", "distinct", "composition"}
)");
  bound.def(py::init([](const std::string& kind) { return Aggregate(kind_named(kind)); }), py::arg("kind"))
      .def(
          "add_trials",
          [](Aggregate& aggregate, const Doubles& successes, const std::optional<Doubles>& weights) {
            expect_kind(aggregate, MeasureKind::rate, MeasureKind::rate, "add_trials");
            const double* given = successes.data();
            each_weighted(static_cast<size_t>(successes.size()), weights,
                          [&](size_t i, double weight) { aggregate.add_trial(given[i] != 0, weight); });
          },
          py::arg("successes"), py::arg("weights") = py::none(), "Of a rate: true or false for each trial.")
      .def(
          "add_values",
          [](Aggregate& aggregate, const Doubles& values, const std::optional<Doubles>& weights) {
            expect_kind(aggregate, MeasureKind::distribution, MeasureKind::sum, "add_values");
            const double* given = values.data();
            each_weighted(static_cast<size_t>(values.size()), weights,
                          [&](size_t i, double weight) { aggregate.add_value(given[i], weight); });
          },
          py::arg("values"), py::arg("weights") = py::none(), "Of a distribution or a sum.")
      .def(
          "add_keys",
          [](Aggregate& aggregate, const std::vector<std::string>& keys) {
            expect_kind(aggregate, MeasureKind::distinct, MeasureKind::distinct, "add_keys");
            for (const auto& key : keys) aggregate.add_key(hash_key(key));
          },
          py::arg("keys"), "Of a number of different things.")
      .def(
          "add_categories",
          [](Aggregate& aggregate, const std::vector<std::string>& names, const std::optional<Doubles>& weights) {
            expect_kind(aggregate, MeasureKind::composition, MeasureKind::composition, "add_categories");
            each_weighted(names.size(), weights,
                          [&](size_t i, double weight) { aggregate.add_category(names[i], weight); });
          },
          py::arg("names"), py::arg("weights") = py::none(), "Of a composition.")
      .def(
          "merge",
          [](Aggregate& aggregate, const Aggregate& other) {
            if (aggregate.kind() != other.kind() || aggregate.worst_end() != other.worst_end())
              raise({"bad_measures", "merge: the aggregates are of different kinds"});
            aggregate.merge(Aggregate(other));
          },
          py::arg("other"))
      .def("observe", &observe, py::arg("statistic") = "value",
           "What a detector sees: one row of OBSERVATION_DTYPE, with its sampling error.")
      .def(
          "quantile",
          [](const Aggregate& aggregate, double q) {
            expect_kind(aggregate, MeasureKind::distribution, MeasureKind::distribution, "quantile");
            if (!(q >= 0 && q <= 1)) raise({"bad_value", fmt::format("q: {} is outside [0, 1]", q)});
            return aggregate.quantile(q);
          },
          py::arg("q"), "Of a distribution; NaN when empty.")
      .def(
          "categories",
          [](const Aggregate& aggregate) {
            expect_kind(aggregate, MeasureKind::composition, MeasureKind::composition, "categories");
            return aggregate.categories();
          },
          "Of a composition.")
      .def_property_readonly("kind", [](const Aggregate& aggregate) { return std::string(name_of(aggregate.kind())); })
      .def_property_readonly("empty", &Aggregate::empty)
      .def_property_readonly("rejected", &Aggregate::rejected, "Weight of values that are no numbers.")
      .def("__repr__", [](const Aggregate& aggregate) {
        const Observation seen = aggregate.observe();
        return fmt::format("Aggregate(\"{}\"): value {:.6g}, n {:g}", name_of(aggregate.kind()), seen.value, seen.n);
      });
  bind_state<Aggregate>(bound, &write, &Aggregate::deserialize);
}

}  // namespace tidewatch::python
