"""Measures over windows, baselines, rules, and the week."""

from __future__ import annotations

import pickle
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import tidewatch as tw
from conftest import daily, latency, times
from tidewatch._windows import times_of, windows_of


def test_what_is_missing_is_not_zero() -> None:
    assert np.isnan(tw.rate([0, 1], [0, 4]).values[0])
    assert tw.rate([0, 1], [0, 4]).n.tolist() == [0, 4]
    counted = tw.count([0, 3, np.nan])
    assert counted.values[:2].tolist() == [0, 3] and np.isnan(counted.values[2])
    assert tw.statistic([1, np.nan, 2], n=[5, 5, 0]).n.tolist() == [5, 0, 0]
    assert "2 of them without data" in repr(tw.statistic([1, np.nan, 2], n=[5, 5, 0]))


def test_series_are_cut_and_kept() -> None:
    for series in (
        tw.rate([1, 2, 3], [9, 9, 9]),
        tw.statistic([1.0, 2.0, 3.0], n=7, variance=0.5, low=0),
        tw.composition({"a": [1, 2, 3], "b": [0, 0, 5]}),
        tw.distinct([5, 6, 7], variance=1),
    ):
        kept = pickle.loads(pickle.dumps(series))
        assert (kept.kind, kept.low, kept.high, kept.names) == (series.kind, series.low, series.high, series.names)
        assert kept.data.tobytes() == series.data.tobytes()
        assert series[1:].values.tolist() == series.values[1:].tolist()
        assert len(series[np.array([True, False, True])]) == 2
        assert len(series[-1]) == 1 and series[-1].values[0] == series.values[2]


def test_intervals_of_single_windows() -> None:
    low, high = tw.rate([5, 0], [100, 0]).interval()
    assert 0.01 < low[0] < 0.05 < high[0] < 0.12
    assert np.isnan(low[1])


@pytest.mark.parametrize(
    "make",
    [
        lambda: tw.rate([2], [1]),
        lambda: tw.rate([1, 2], [3]),
        lambda: tw.statistic([1, 2, 3], n=[1, 2]),
        lambda: tw.statistic([[1, 2]]),
        lambda: tw.plain(["x"]),
        lambda: tw.plain([1.0], kind="ratio"),
        lambda: tw.composition([[1, 2]]),
    ],
)
def test_arrays_that_do_not_fit_are_refused(make: object) -> None:
    with pytest.raises(tw.ParamError):
        make()  # type: ignore[operator]


def test_hours_and_weekdays_are_those_of_the_zone() -> None:
    zone = "Europe/Berlin"  # daylight saving began on 2026-03-29 at 01:00 UTC
    moments = np.datetime64("2026-03-28T20:07", "ns") + np.arange(0, 20) * np.timedelta64(30, "m")
    rows = windows_of(times_of(moments), 1, zone, ["2026-03-29"])
    for moment, row in zip(moments, rows, strict=True):
        local = datetime.fromtimestamp(moment.astype(np.int64) / 1e9, timezone.utc).astimezone(ZoneInfo(zone))
        assert (row["hour"], row["weekday"]) == (local.hour, local.weekday())
        assert row["holiday"] == (local.day == 29)
    with pytest.raises(tw.ParamError, match="Mars/Olympus"):
        windows_of(times_of(moments), 1, "Mars/Olympus")


def test_times_come_in_many_ways() -> None:
    expected = np.array(["2026-03-02T05:00", "2026-03-02T06:00"], dtype="datetime64[ns]")
    for same in (
        expected.astype("datetime64[s]"),
        ["2026-03-02T05:00:00Z", "2026-03-02T07:00:00+01:00"],
        [datetime(2026, 3, 2, 5), datetime(2026, 3, 2, 6, tzinfo=timezone.utc)],
        pd.DatetimeIndex(expected),
        pd.DatetimeIndex(expected, tz="UTC").tz_convert("Asia/Tokyo"),
        pd.Series(pd.DatetimeIndex(expected, tz="UTC")),
    ):
        assert (times_of(same) == expected).all()


def test_a_baseline_expects_the_season_it_learnt() -> None:
    count = 8 * 2016
    baseline = tw.Baseline(season_half_life=8)
    seen = baseline.run(times(count), latency(count))
    late = seen[-2016:]
    truth = daily(count)[-2016:] * np.exp(0.5 * 0.1**2)
    assert late["is_known"].all() and not seen["is_known"][0]
    assert np.median(np.abs(late["expected"] / truth - 1)) < 0.03
    inside = (latency(count)[-2016:] >= late["low"]) & (latency(count)[-2016:] <= late["high"])
    assert 0.92 < inside.mean() < 0.98
    tomorrow = times(count + 288)[-288:]
    before = baseline.save()
    ahead = baseline.predict(tomorrow)
    assert baseline.save() == before
    assert np.corrcoef(ahead["expected"], daily(288))[0, 1] > 0.95
    week = baseline.season()
    assert week.shape == (7, 24)
    assert week["expected"].mean(axis=0).argmax() in (5, 6, 7)


def test_a_forecast_knows_the_windows_just_before() -> None:
    random = np.random.default_rng(5)
    count = 4 * 2016
    lasting = np.zeros(count)
    for i in range(1, count):
        lasting[i] = 0.97 * lasting[i - 1] + random.normal(0, 0.05)
    values = 100 * np.exp(lasting + random.normal(0, 0.02, count))
    expected, forecast = (
        tw.Baseline(season=False).run(times(count), values, forecasts=forecasts)[-2016:] for forecasts in (False, True)
    )
    errors = [np.abs(np.log(each["expected"] / values[-2016:])).mean() for each in (expected, forecast)]
    assert errors[1] < 0.6 * errors[0]
    inside = (values[-2016:] >= forecast["low"]) & (values[-2016:] <= forecast["high"])
    assert 0.93 < inside.mean() < 0.97

    baseline = tw.Baseline(season=False).learn(times(count), values)
    soon, late = baseline.forecast(times(count + 2016)[[count, count + 2015]])
    normal = baseline.predict(times(count + 1)[count:])[0]
    assert np.log(soon["expected"] / normal["expected"]) * lasting[-1] > 0
    assert soon["high"] - soon["low"] < late["high"] - late["low"]
    kept = pickle.loads(pickle.dumps(baseline))
    assert kept.forecast(times(count + 1)[count:]).tobytes() == baseline.forecast(times(count + 1)[count:]).tobytes()
    with pytest.raises(ValueError, match="not after the last one learnt"):
        baseline.forecast(times(count)[-1:])


def test_a_baseline_is_kept_and_says_what_it_is() -> None:
    baseline = tw.Baseline("5m", half_life=500, holidays=["2026-03-03"]).learn(times(600), latency(600))
    kept = pickle.loads(pickle.dumps(baseline))
    assert kept.save() == baseline.save() and repr(kept) == repr(baseline)
    assert kept.predict(times(700)[600:]).tobytes() == baseline.predict(times(700)[600:]).tobytes()
    assert baseline.is_warm and baseline.windows == 600 and baseline.memory_bytes > 1000
    names = {param.name for param in tw.Baseline.parameters()}
    assert "half_life" in names
    with pytest.raises(tw.ParamError, match="half_life"):
        tw.Baseline(half_lif=3)
    with pytest.raises(tw.StateError):
        tw.Baseline().load(b"nonsense")
    with pytest.raises(tw.ParamError, match="composition"):
        baseline.run(times(1), tw.composition([[1.0]], ["a"]))
    with pytest.raises(ValueError):
        baseline.run(times(2), [1.0])


def test_more_data_makes_a_narrower_interval() -> None:
    random = np.random.default_rng(2)
    series = tw.rate(random.binomial(200, 0.05, 1000), np.full(1000, 200))
    baseline = tw.Baseline().learn(times(1000), series)
    few, many = (baseline.predict(times(1), tw.rate([size / 20], [size]))[0] for size in (40, 40_000))
    assert few["high"] - few["low"] > 2 * (many["high"] - many["low"])


def test_a_rule_asks_for_what_its_budget_says() -> None:
    assert tw.Rule().needed_bits("5m") == pytest.approx(np.log2(100 * 2016))
    assert tw.Rule(false_alarms_per_week=4).needed_bits("5m") == pytest.approx(np.log2(100 * 2016 / 4))
    assert tw.Rule(min_surprise=9).needed_bits("1h") == 9


def test_alerts_of_another_rule_are_made_of_the_same_verdicts() -> None:
    values = latency(2000)
    values[1000:1004] *= 1.6
    values[1600:1620] *= 3
    verdicts = tw.Detector("point").run(times(2000), values)
    all_of_them = tw.alerts(verdicts)
    large = tw.alerts(verdicts, tw.Rule(min_effect=1))
    slow = tw.alerts(verdicts, tw.Rule(for_windows=10))
    assert len(all_of_them) == 2 and len(large) == 1 and large[0].starts_at == times(2000)[1600]
    assert len(slow) == 1 and slow[0].fired_at == times(2000)[1610]
    pages = tw.severity(verdicts, tw.Rule(page_above=1.0))
    assert pages[1605] == "page" and pages[1001] == "ticket"
    assert large[0].severity == "page"
    with pytest.raises(tw.ParamError, match="verdicts"):
        tw.alerts(np.zeros(3, dtype=[("surprise", float)]))


def test_an_alert_that_goes_on_has_no_end() -> None:
    values = latency(1000)
    values[990:] *= 3
    alerts = tw.alerts(tw.Detector("point").run(times(1000), values))
    assert len(alerts) == 1 and alerts[0].is_firing and np.isnat(alerts[0].ends_at)
