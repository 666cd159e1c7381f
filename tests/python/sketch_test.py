"""Sketches and aggregates: bounds, merging, bytes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tidewatch as tw

RANDOM = np.random.default_rng(5)
VALUES = RANDOM.lognormal(0, 1, 20_000)
NAMES = [f"k{i}" for i in RANDOM.zipf(1.5, 5000) % 300]


def quantiles(values: np.ndarray) -> tw.QuantileSketch:
    sketch = tw.QuantileSketch()
    sketch.add(values)
    return sketch


def moments(values: np.ndarray) -> tw.Moments:
    sketch = tw.Moments()
    sketch.add(values)
    return sketch


def distinct(names: list[str]) -> tw.DistinctSketch:
    sketch = tw.DistinctSketch()
    sketch.add(names)
    return sketch


def heavy(names: list[str]) -> tw.HeavyHitters:
    sketch = tw.HeavyHitters(512)
    sketch.add(names)
    return sketch


def categories(names: list[str]) -> tw.CategoryCounts:
    sketch = tw.CategoryCounts()
    sketch.add([name for name in names if len(name) < 4])
    return sketch


def aggregate(values: np.ndarray) -> tw.Aggregate:
    sketch = tw.Aggregate("distribution")
    sketch.add_values(values)
    return sketch


MAKERS: list[tuple[Callable[[Any], Any], Any]] = [
    (quantiles, VALUES),
    (moments, VALUES),
    (distinct, NAMES),
    (heavy, NAMES),
    (categories, NAMES),
    (aggregate, VALUES),
]


@pytest.mark.parametrize("make, data", MAKERS, ids=lambda each: getattr(each, "__name__", ""))
def test_merged_in_any_order_they_equal_one_of_everything(make: Callable[[Any], Any], data: Any) -> None:
    whole, left, right = make(data), make(data[:1234]), make(data[1234:])
    other = copy.copy(right)
    left.merge(right)
    other.merge(make(data[:1234]))
    if make is heavy:  # the order of keys of one weight is not kept
        assert sorted(left.top(99)) == sorted(whole.top(99))
    else:
        assert left == whole == other
    assert repr(left) == repr(whole)


@pytest.mark.parametrize("make, data", MAKERS, ids=lambda each: getattr(each, "__name__", ""))
def test_bytes_and_pickles_give_the_same_sketch(make: Callable[[Any], Any], data: Any) -> None:
    sketch = make(data)
    written = sketch.to_bytes()
    for same in (type(sketch).from_bytes(written), pickle.loads(pickle.dumps(sketch)), copy.deepcopy(sketch)):
        assert same == sketch and same is not sketch
    for damaged in (b"", written[: len(written) // 2], b"\xff" + written[1:]):
        with pytest.raises(tw.StateError):
            type(sketch).from_bytes(damaged)
    assert sketch.memory_bytes > 0
    assert sketch != 3
    with pytest.raises(TypeError):
        hash(sketch)
    alone = copy.copy(sketch)
    alone.merge(sketch)
    assert sketch.to_bytes() == written


def test_quantiles_are_within_their_error() -> None:
    sketch = quantiles(VALUES)
    q = np.linspace(0, 1, 101)
    exact = np.quantile(VALUES, q, method="lower")
    assert np.abs(sketch.quantile(q) / exact - 1).max() <= sketch.relative_error * (1 + 1e-9)
    assert sketch.quantile(0.5) == pytest.approx(1, rel=0.03)
    assert np.isnan(sketch.quantile(1.5)) and np.isnan(tw.QuantileSketch().quantile(0.5))
    sketch.add([-1, np.nan])
    assert sketch.rejected == 2 and sketch.count == len(VALUES)


def test_moments_are_those_of_numpy() -> None:
    values = 1e9 + VALUES
    sketch = moments(values)
    assert sketch.mean == pytest.approx(values.mean(), rel=1e-14)
    assert sketch.variance == pytest.approx(values.var(ddof=1), rel=1e-6)
    assert (sketch.min, sketch.max) == (values.min(), values.max())
    sketch.add(5.0, weights=2)
    assert sketch.weight == len(values) + 2


def test_weights_are_checked() -> None:
    with pytest.raises(ValueError, match="weights"):
        tw.Moments().add([1, 2, 3], weights=[1, 2])
    sketch = tw.Moments()
    sketch.add([1, 2, 3], weights=[1, 1, 2])
    assert sketch.mean == 2.25


def test_numbers_of_different_keys() -> None:
    assert distinct(NAMES).estimate == pytest.approx(len(set(NAMES)), rel=1e-4)
    many = tw.DistinctSketch()
    many.add(range(100_000))
    assert many.estimate == pytest.approx(100_000, rel=0.05)
    assert np.sqrt(many.variance) == pytest.approx(1630, rel=0.1)
    one = tw.DistinctSketch()
    one.add("a whole text")
    assert one.estimate == pytest.approx(1)


def test_heavy_hitters_keep_their_promise() -> None:
    sketch = tw.HeavyHitters(32)
    sketch.add(NAMES)
    true = {name: NAMES.count(name) for name in set(NAMES)}
    for name, estimate, guaranteed in sketch.top(32):
        assert guaranteed <= true[name] <= estimate
        assert estimate - guaranteed <= sketch.total / 32
    heavier = {name for name, weight in true.items() if weight > sketch.total / 32}
    assert heavier <= {name for name, _, _ in sketch.top(32)}


def test_sketches_of_another_shape_are_not_merged() -> None:
    for left, right in [
        (tw.QuantileSketch(0.01), tw.QuantileSketch(0.02)),
        (tw.HeavyHitters(8), tw.HeavyHitters(9)),
        (tw.Aggregate("rate"), tw.Aggregate("sum")),
    ]:
        with pytest.raises(tw.ParamError, match="merge"):
            left.merge(right)  # type: ignore[arg-type]
    for make in (
        lambda: tw.QuantileSketch(0),
        lambda: tw.QuantileSketch(max_buckets=2),
        lambda: tw.HeavyHitters(0),
        lambda: tw.Aggregate("ratio"),
        lambda: tw.Aggregate("rate").add_values([1]),
        lambda: tw.Aggregate("sum").observe("p51"),
        lambda: tw.Aggregate("distribution").quantile(2),
    ):
        with pytest.raises(tw.ParamError):
            make()


def test_aggregates_say_what_detectors_see() -> None:
    rate = tw.Aggregate("rate")
    rate.add_trials([True, False, False, False])
    row = rate.observe()[0]
    assert (row["value"], row["successes"], row["trials"], row["n"]) == (0.25, 1, 4, 4)
    numbers = tw.Aggregate("distribution")
    numbers.add_values(VALUES)
    assert numbers.observe("mean")["value"][0] == pytest.approx(VALUES.mean())
    assert numbers.observe("mean")["variance"][0] == pytest.approx(VALUES.var() / len(VALUES), rel=1e-3)
    assert numbers.observe("p95")["value"][0] == pytest.approx(np.quantile(VALUES, 0.95), rel=0.02)
    users = tw.Aggregate("distinct")
    users.add_keys(["a", "b", "a"])
    assert users.observe()["value"][0] == pytest.approx(2)
    finish = tw.Aggregate("composition")
    finish.add_categories(["stop", "stop", "length"])
    assert finish.categories().to_dict() == {"length": 1.0, "stop": 2.0}
    series = tw.observed("rate", [rate, tw.Aggregate("rate")])
    assert series.n.tolist() == [4, 0] and np.isnan(series.values[1])
