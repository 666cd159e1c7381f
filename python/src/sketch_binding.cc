#include "sketch_binding.h"

#include <pybind11/stl.h>

#include <optional>
#include <vector>

#include "detectors/sketch/category_counts.h"
#include "detectors/sketch/distinct.h"
#include "detectors/sketch/heavy_hitters.h"
#include "detectors/sketch/moments.h"
#include "detectors/sketch/quantile.h"
#include "watch_binding.h"

namespace tidewatch::python {
namespace {

void bind_quantile(py::module_& module) {
  py::class_<QuantileSketch> bound(module, "QuantileSketch",
                                   R"(Quantiles of non-negative values with bounded relative error (DDSketch).

``quantile(q)`` is within a factor (1 ± relative_error) of the exact value for every q in [0, 1]. Merging is commutative
and associative, bit for bit; the result equals one sketch of all values.

Parameters
----------
relative_error : float, default 0.01
    In [1e-5, 0.5].
max_buckets : int, default 1024
    At least 8; beyond that many the smallest values lose the bound.
)");
  bound
      .def(py::init([](double relative_error, uint16_t max_buckets) {
             if (!(relative_error >= 1e-5 && relative_error <= 0.5) || max_buckets < 8)
               raise({"bad_value", fmt::format("relative_error {} is not in [1e-5, 0.5], or max_buckets {} is below 8",
                                               relative_error, max_buckets)});
             return QuantileSketch(relative_error, max_buckets);
           }),
           py::arg("relative_error") = QuantileSketch::kDefaultError,
           py::arg("max_buckets") = QuantileSketch::kDefaultBuckets)
      .def(
          "add",
          [](QuantileSketch& sketch, const Doubles& values, const std::optional<Doubles>& weights) {
            const double* given = values.data();
            each_weighted(static_cast<size_t>(values.size()), weights,
                          [&](size_t i, double weight) { sketch.add(given[i], weight); });
          },
          py::arg("values"), py::arg("weights") = py::none(),
          "Adds a number or an array. Negative ones and NaN are counted in `rejected`; a negative weight withdraws.")
      .def(
          "merge",
          [](QuantileSketch& sketch, const QuantileSketch& other) {
            if (!sketch.has_shape_of(other))
              raise({"bad_value", "merge: the sketches have another relative_error or max_buckets"});
            sketch.merge(QuantileSketch(other));
          },
          py::arg("other"), "Takes what another sketch of the same shape has seen.")
      .def("quantile", py::vectorize([](const QuantileSketch* sketch, double q) {
             return q >= 0 && q <= 1 ? sketch->quantile(q) : std::nan("");
           }),
           py::arg("q"), "Quantile or quantiles; NaN when empty, and for q outside of [0, 1].")
      .def_property_readonly("count", &QuantileSketch::count, "Sum of the weights of the values taken.")
      .def_property_readonly("rejected", &QuantileSketch::rejected, "Weight of what was no number of at least 0.")
      .def_property_readonly("relative_error", &QuantileSketch::relative_error)
      .def("__repr__", [](const QuantileSketch& sketch) {
        return fmt::format("QuantileSketch(relative_error={:g}): {:g} values, p50 {:.4g}, p99 {:.4g}",
                           sketch.relative_error(), sketch.count(), sketch.quantile(0.5), sketch.quantile(0.99));
      });
  bind_state(bound);
}

void bind_distinct(py::module_& module) {
  py::class_<DistinctSketch> bound(module, "DistinctSketch", R"(Number of different keys (HyperLogLog).

Standard error 1.63 % with many keys; nearly exact up to 768. Merging is commutative, associative and idempotent.
)");
  bound.def(py::init<>())
      .def(
          "add",
          [](DistinctSketch& sketch, const py::object& keys) {
            if (py::isinstance<py::str>(keys) || py::isinstance<py::bytes>(keys)) {
              sketch.add(hash_key(keys.cast<std::string>()));
              return;
            }
            for (const py::handle key : keys) sketch.add(hash_key(py::str(key).cast<std::string>()));
          },
          py::arg("keys"), "Adds a text or an iterable of keys; what is no text counts as its str().")
      .def(
          "merge", [](DistinctSketch& sketch, const DistinctSketch& other) { sketch.merge(DistinctSketch(other)); },
          py::arg("other"))
      .def_property_readonly("estimate", &DistinctSketch::estimate, "Number of different keys.")
      .def_property_readonly("variance", &DistinctSketch::variance, "Of the estimate, by hashing alone.")
      .def("__repr__", [](const DistinctSketch& sketch) {
        return fmt::format("DistinctSketch: {:.0f} ± {:.0f} keys", sketch.estimate(), std::sqrt(sketch.variance()));
      });
  bind_state(bound);
}

void bind_heavy(py::module_& module) {
  py::class_<HeavyHitters> bound(module, "HeavyHitters",
                                 R"(The heaviest keys of a stream in bounded memory (Space-Saving).

With total weight W: ``guaranteed <= true weight <= estimate`` and ``estimate - guaranteed <= W / capacity``; every key
heavier than W / capacity is kept.

Parameters
----------
capacity : int, default 64
    Number of counters, in [1, 65536].
)");
  bound
      .def(py::init([](uint32_t capacity) {
             if (capacity < 1 || capacity > HeavyHitters::kMaxCapacity)
               raise(
                   {"bad_value", fmt::format("capacity: {} is outside [1, {}]", capacity, HeavyHitters::kMaxCapacity)});
             return HeavyHitters(capacity);
           }),
           py::arg("capacity") = 64)
      .def(
          "add",
          [](HeavyHitters& sketch, const std::vector<std::string>& keys, const std::optional<Doubles>& weights) {
            each_weighted(keys.size(), weights, [&](size_t i, double weight) { sketch.add(keys[i], weight); });
          },
          py::arg("keys"), py::arg("weights") = py::none(), "Adds texts; weights that are not positive are ignored.")
      .def(
          "merge",
          [](HeavyHitters& sketch, const HeavyHitters& other) {
            if (sketch.capacity() != other.capacity())
              raise({"bad_value", "merge: the sketches have another capacity"});
            sketch.merge(HeavyHitters(other));
          },
          py::arg("other"))
      .def(
          "top",
          [](const HeavyHitters& sketch, size_t count) {
            std::vector<std::tuple<std::string, double, double>> out;
            for (const auto& hitter : sketch.top(count))
              out.emplace_back(hitter.key, hitter.estimate, hitter.guaranteed);
            return out;
          },
          py::arg("count") = 10, "The heaviest: (key, estimate, guaranteed).")
      .def_property_readonly("total", &HeavyHitters::total)
      .def_property_readonly("capacity", &HeavyHitters::capacity)
      .def("__repr__", [](const HeavyHitters& sketch) {
        const auto top = sketch.top(1);
        return fmt::format("HeavyHitters(capacity={}): weight {:g}{}", sketch.capacity(), sketch.total(),
                           top.empty() ? "" : fmt::format(", heaviest \"{}\"", top.front().key));
      });
  bind_state(bound);
}

void bind_categories(py::module_& module) {
  py::class_<CategoryCounts> bound(module, "CategoryCounts", R"(Weights by category name.

Up to 256 names are exact, whatever the order; beyond that the lightest go to `other`, and `total` stays exact.
)");
  bound.def(py::init<>())
      .def(
          "add",
          [](CategoryCounts& counts, const std::vector<std::string>& names, const std::optional<Doubles>& weights) {
            each_weighted(names.size(), weights, [&](size_t i, double weight) { counts.add(names[i], weight); });
          },
          py::arg("names"), py::arg("weights") = py::none(), "Adds names; a negative weight withdraws.")
      .def(
          "merge", [](CategoryCounts& counts, const CategoryCounts& other) { counts.merge(CategoryCounts(other)); },
          py::arg("other"))
      .def("to_dict",
           [](const CategoryCounts& counts) {
             py::dict out;
             for (const auto& [name, weight] : counts.entries()) out[py::str(name)] = weight;
             return out;
           })
      .def_property_readonly("other", &CategoryCounts::other)
      .def_property_readonly("total", &CategoryCounts::total)
      .def("__repr__", [](const CategoryCounts& counts) {
        return fmt::format("CategoryCounts: {} names, weight {:g}", counts.entries().size(), counts.total());
      });
  bind_state(bound);
}

void bind_moments(py::module_& module) {
  py::class_<Moments> bound(module, "Moments", R"(Count, mean, variance and extremes of weighted values.

Sums are exact, so that merging in any order gives the same bits. A negative weight withdraws a value, except from `min`
and `max`.
)");
  bound.def(py::init<>())
      .def(
          "add",
          [](Moments& moments, const Doubles& values, const std::optional<Doubles>& weights) {
            const double* given = values.data();
            each_weighted(static_cast<size_t>(values.size()), weights,
                          [&](size_t i, double weight) { moments.add(given[i], weight); });
          },
          py::arg("values"), py::arg("weights") = py::none(), "Adds a number or an array; NaN is left out.")
      .def(
          "merge", [](Moments& moments, const Moments& other) { moments.merge(Moments(other)); }, py::arg("other"))
      .def_property_readonly("weight", &Moments::weight)
      .def_property_readonly("effective_count", &Moments::effective_count, "Kish's effective number of values.")
      .def_property_readonly("sum", &Moments::sum)
      .def_property_readonly("mean", &Moments::mean, "NaN when empty.")
      .def_property_readonly("variance", &Moments::variance, "Unbiased; NaN with fewer than two values.")
      .def_property_readonly("variance_of_mean", &Moments::variance_of_mean)
      .def_property_readonly("min", &Moments::min)
      .def_property_readonly("max", &Moments::max)
      .def("__repr__", [](const Moments& moments) {
        return fmt::format("Moments: weight {:g}, mean {:.6g}, variance {:.6g}", moments.weight(), moments.mean(),
                           moments.variance());
      });
  bind_state(bound);
}

}  // namespace

void bind_sketches(py::module_& module) {
  bind_quantile(module);
  bind_distinct(module);
  bind_heavy(module);
  bind_categories(module);
  bind_moments(module);
}

}  // namespace tidewatch::python
