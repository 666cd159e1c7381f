"""Detectors in Python: every entry of the registry, and what is no good input."""

from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest
import tidewatch as tw
from conftest import FIVE_MINUTES, daily, latency, measures_for, needed_params, times

ALL = tw.detectors()


@pytest.mark.parametrize("info", ALL, ids=lambda info: info.name)
def test_every_detector_judges_what_it_watches(info: tw.DetectorInfo) -> None:
    count = 12_000  # six weeks: trend counts days
    detector = tw.Detector(info.name, **needed_params(info))
    verdicts = detector.run(times(count), measures_for(info, count))
    assert len(verdicts) == count
    assert detector.is_warm
    scored = verdicts[verdicts["judgement"] == tw.Judgement.scored]
    assert len(scored) > count / 3
    assert (scored["surprise"] >= 0).all() and np.isfinite(scored["surprise"]).all()
    assert ((scored["score"] >= 0) & (scored["score"] <= 1)).all()
    assert (verdicts["width"] == FIVE_MINUTES).all()
    assert (verdicts["start"] == times(count)).all()


@pytest.mark.parametrize("info", ALL, ids=lambda info: info.name)
def test_restored_and_in_parts_it_says_the_same(info: tw.DetectorInfo) -> None:
    count = 900
    when, measures = times(count), measures_for(info, count)
    whole = tw.Detector(info.name, **needed_params(info)).run(when, measures)
    first = tw.Detector(info.name, **needed_params(info))
    parts = [first.run(when[:400], [each[:400] for each in measures])]
    restored = pickle.loads(pickle.dumps(first))
    other = tw.Detector(info.name, **needed_params(info))
    other.load(first.save())
    rest = [each[400:] for each in measures]
    parts.append(restored.run(when[400:], rest))
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    assert other.run(when[400:], rest).tobytes() == parts[1].tobytes()
    assert repr(restored) == repr(first)


@pytest.mark.parametrize("info", ALL, ids=lambda info: info.name)
def test_score_learns_nothing(info: tw.DetectorInfo) -> None:
    count = 700
    when, measures = times(count), measures_for(info, count)
    detector = tw.Detector(info.name, **needed_params(info))
    detector.run(when[:600], [each[:600] for each in measures])
    before = detector.save()
    looked = detector.score(when[600:601], [each[600:601] for each in measures], interval="5m")
    assert detector.save() == before
    judged = detector.run(when[600:601], [each[600:601] for each in measures], interval="5m")
    for field in ("surprise", "expected", "low", "high", "value", "effect", "needed", "score", "judgement"):
        assert looked[field] == judged[field], field


def test_what_every_detector_says_of_itself() -> None:
    assert {"point", "threshold", "shift", "multivariate"} <= {info.name for info in ALL}
    for info in ALL:
        assert info.help and info.kinds
        for param in info.params:
            assert param.help and param.type in ("number", "integer", "boolean", "string", "duration")
            if isinstance(param.default, float):
                assert param.low <= param.default <= param.high
        assert set(tw.Detector(info.name).params) == {param.name for param in info.params}


def test_an_incident_is_found_and_explained() -> None:
    values = latency(2000)
    values[1500:1512] *= 2
    detector = tw.Detector("point", direction="up")
    rule = tw.Rule(min_effect=0.2, for_windows=2)
    verdicts = detector.run(times(2000), tw.statistic(values), rule=rule)
    found = tw.alerts(verdicts, rule)
    assert [alert.starts_at for alert in found] == [times(2000)[1500]]
    alert = found[0]
    assert alert.fired_at == times(2000)[1502] and alert.ends_at == times(2000)[1512]
    assert alert.effect > 0.5 and alert.surprise > rule.needed_bits("5m") and not alert.is_firing
    assert len(alert.id) == 32
    assert (verdicts["is_firing"][1501:1512]).all() and not verdicts["is_firing"][:1501].any()
    assert verdicts["direction"][1500] == tw.Direction.up


def test_bits_of_measures_add_up_to_the_surprise() -> None:
    random = np.random.default_rng(3)
    both = random.normal(10, 1, (2500, 2))
    both[2400:] += 1.5
    detector = tw.Detector("multivariate", worse=("up", "up"), season=False)
    verdicts = detector.run(times(2500), both)
    assert verdicts["contributions"].shape == (2500, 2)
    late = verdicts[2420:]
    assert late["surprise"].min() > 10
    np.testing.assert_allclose(late["contributions"].sum(axis=1), late["surprise"], rtol=1e-6)


def test_categories_that_moved_are_named() -> None:
    random = np.random.default_rng(4)
    counts = random.multinomial(500, [0.8, 0.15, 0.05], 1000)
    counts[850:] = random.multinomial(500, [0.5, 0.15, 0.35], 150)
    series = tw.composition({"stop": counts[:, 0], "length": counts[:, 1], "filter": counts[:, 2]})
    detector = tw.Detector("drift")
    detector.run(times(1000)[:995], series[:995])
    moved = {name: (before, now) for name, before, now in detector.categories(times(1000)[995], series[995])}
    assert moved["filter"][0] < 0.1 and moved["filter"][1] > 0.2


def test_a_limit_of_people_needs_no_budget() -> None:
    detector = tw.Detector("threshold", above=1.2)
    verdicts = detector.run(times(3), [1.0, 1.3, 1.0])
    assert verdicts["is_limit"].all() and (verdicts["needed"] == 1).all()
    assert [alert.starts_at for alert in tw.alerts(verdicts, tw.Rule(min_effect=5))] == [times(3)[1]]


def test_siblings_are_what_it_is_compared_with() -> None:
    random = np.random.default_rng(8)
    own = tw.rate(random.binomial(10, 0.14, 60), np.full(60, 10))
    others = tw.rate(random.binomial(90, 0.02, 60), np.full(60, 90))
    verdicts = tw.Detector("contrast", direction="up").run(times(60), [own, others])
    assert tw.alerts(verdicts) and verdicts["value"][-1] > 3 * verdicts["expected"][-1]
    assert not tw.alerts(tw.Detector("contrast", direction="up").run(times(60), [others, own]))
    with pytest.raises(tw.ParamError, match="its own and that of its siblings"):
        tw.Detector("contrast").run(times(60), own)
    with pytest.raises(tw.ParamError, match="compares rates"):
        tw.Detector("contrast").run(times(60), [tw.statistic(latency(60)), tw.statistic(latency(60))])


def test_a_test_set_is_what_it_is_compared_with() -> None:
    random = np.random.default_rng(6)
    refused = tw.rate(random.binomial(400, 0.08, 500), np.full(500, 400))
    like, unlike = (tw.Detector("reference", reference=tw.rate([20_000 * p], [20_000])) for p in (0.08, 0.02))
    assert not tw.alerts(like.run(times(500), refused))
    verdicts = unlike.run(times(500), refused)
    assert tw.alerts(verdicts) and verdicts["expected"][-1] == pytest.approx(0.02, rel=0.02)
    assert (tw.Detector("reference").run(times(9), refused[:9])["judgement"] == tw.Judgement.missing).all()
    with pytest.raises(ValueError, match="one window"):
        tw.Detector("reference", reference=refused)


def test_missing_values_are_not_zero() -> None:
    values = latency(1000)
    values[500:510] = np.nan
    values[520] = np.inf
    verdicts = tw.Detector("point").run(times(1000), values)
    assert (verdicts["judgement"][500:510] == tw.Judgement.missing).all()
    assert verdicts["judgement"][520] == tw.Judgement.missing
    assert (verdicts["score"][500:510] == 0).all()
    assert verdicts["surprise"][510:520].max() < 12


def test_a_confirmed_level_is_taken_at_once() -> None:
    detector = tw.Detector("point", season=False)
    detector.run(times(500), latency(500) / daily(500))
    after = times(520)[500:]
    detector.learn(after[:1], [3.0], confirmed_normal=True, interval="5m")
    assert detector.score(after[1:2], [3.0], interval="5m")["surprise"][0] < 8


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: tw.Detector("pont"), 'did you mean "point"'),
        (lambda: tw.Detector("point", half_live=3), 'did you mean "half_life"'),
        (lambda: tw.Detector("point", half_life=-3), "outside"),
        (lambda: tw.Detector("point", half_life="soon"), "not a number"),
        (lambda: tw.Detector("point", warm_up=4.5), "not a whole number"),
        (lambda: tw.Detector("point", direction="upp"), 'did you mean "up"'),
        (lambda: tw.Detector("point", observations=3), "one measure"),
        (lambda: tw.Detector("multivariate", observations=1), "several measures"),
        (lambda: tw.Detector("threshold", above=1, below=2), "no value would be allowed"),
        (lambda: tw.Rule(stakes="low"), "stakes"),
        (lambda: tw.Rule(severity="loud"), "severity"),
        (lambda: tw.Rule(min_effect=-1), "min_effect"),
    ],
)
def test_what_does_not_fit_is_told(make: object, message: str) -> None:
    with pytest.raises(tw.ParamError, match=message) as caught:
        make()  # type: ignore[operator]
    assert caught.value.code
    assert isinstance(caught.value, ValueError)
    assert pickle.loads(pickle.dumps(caught.value)).code == caught.value.code


@pytest.mark.parametrize(
    "values, message",
    [
        (np.zeros((3, 2)), "2 measures"),
        (np.zeros((3, 2, 2)), "one or two dimensions"),
        (np.zeros(4), "3 timestamps"),
        (["a", "b", "c"], "not an array of numbers"),
        ([tw.plain([1.0, 2.0])], "3 timestamps"),
        (tw.composition([[1, 2]] * 3, ["a", "b"]), "composition"),
    ],
)
def test_values_of_another_shape_are_refused(values: object, message: str) -> None:
    with pytest.raises(tw.ParamError, match=message):
        tw.Detector("point").run(times(3), values)  # type: ignore[arg-type]


@pytest.mark.parametrize("moments", [[1, 2, 3], [1.5, 2, 3], ["x", "y", "z"], [np.datetime64("NaT")] * 3, [[0]]])
def test_times_that_are_none_are_refused(moments: object) -> None:
    with pytest.raises(tw.ParamError, match=r"times?"):
        tw.Detector("point").run(moments, [1.0, 2.0, 3.0])


def test_intervals_that_are_none_are_refused() -> None:
    for interval in ("5 parsecs", "-5m", "0s", np.timedelta64(-1, "s")):
        with pytest.raises(tw.ParamError, match="interval"):
            tw.Detector("point").run(times(1), [1.0], interval=interval)


def test_any_type_of_number_and_layout_is_taken() -> None:
    values = np.arange(300, dtype=np.float64) % 17 + 100
    wide = np.zeros((300, 4))
    wide[:, 2] = values
    expected = tw.Detector("point").run(times(300), values)
    for same in (values.astype(np.float32), values.astype(np.int32), values.tolist(), wide[:, 2], values[::-1][::-1]):
        assert tw.Detector("point").run(times(300), same).tobytes() == expected.tobytes()


def test_damaged_states_are_refused() -> None:
    detector = tw.Detector("point")
    detector.run(times(300), latency(300))
    state = detector.save()
    for damaged in (b"", state[:-3], state + b"x", b"\xff" + state[1:]):
        with pytest.raises(tw.StateError):
            tw.Detector("point").load(damaged)


def test_detectors_run_side_by_side() -> None:
    """The interpreter's lock is free while a detector runs: a thread that only counts goes on meanwhile."""
    count = 400_000
    when, values = times(count), latency(count)
    detector = tw.Detector("point")
    done, counted = threading.Event(), [0]

    def go() -> None:
        detector.run(when, values)
        done.set()

    worker = threading.Thread(target=go)
    worker.start()
    while not done.wait(0.001):
        counted[0] += 1
    worker.join()
    # Were the lock held, this thread would wake up twice or so: before and after.
    assert counted[0] > 20


def test_copies_go_their_own_way() -> None:
    detector = tw.Detector("point")
    detector.run(times(300), latency(300))
    other = copy.deepcopy(detector)
    before = other.save()
    detector.run(times(301)[300:], [1.0])
    assert other.save() == before != detector.save()
