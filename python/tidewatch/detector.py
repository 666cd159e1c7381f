"""Detectors of the registry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from tidewatch import _core
from tidewatch._errors import ParamError
from tidewatch._params import Param, call, settings
from tidewatch._windows import Interval, times_of, width_of, windows_of
from tidewatch.rule import Rule
from tidewatch.series import Series, plain

#: Arrays of plain numbers, a Series, or a sequence of either: one for each measure.
Measures = Series | npt.ArrayLike | Sequence[Series]


class Judgement(IntEnum):
    """Whether a verdict may be acted upon: field ``judgement`` of verdicts."""

    scored = 0
    warming_up = 1
    missing = 2
    gathering = 3


class Direction(IntEnum):
    """Where a value lies against what was expected: field ``direction`` of verdicts."""

    down = -1
    either = 0
    up = 1


@dataclass(frozen=True)
class DetectorInfo:
    """A detector as the registry describes it."""

    name: str
    help: str
    params: tuple[Param, ...]
    kinds: tuple[str, ...]  #: of measures that it watches
    is_multivariate: bool
    compares_reference: bool  #: judges against a test set: nothing without ``reference``
    compares_siblings: bool  #: judges against siblings, whose rate is given beside its own


def detectors() -> list[DetectorInfo]:
    """All detectors that there are."""
    return [
        DetectorInfo(
            row["name"],
            row["help"],
            tuple(map(Param.of, row["params"])),
            tuple(row["kinds"]),
            row["is_multivariate"],
            row["compares_reference"],
            row["compares_siblings"],
        )
        for row in _core.describe_detectors()
    ]


def _verdict_dtype(observations: int) -> np.dtype[np.void]:
    """That of the engine with times as times and, where there are several measures, the bits of each."""
    times = {"start": "datetime64[ns]", "width": "timedelta64[ns]"}
    base = _core.VERDICT_DTYPE
    rows: list[Any] = [(name, times.get(name, base[name])) for name in base.names or ()]
    if observations > 1:
        rows.append(("contributions", np.float64, (observations,)))
    return np.dtype(rows)


class Detector:
    """A detector at work on a series, or on several together: each window is judged by those before it.

    Parameters
    ----------
    name : str
        One of `detectors`.
    observations : int, optional
        How many measures it judges together; more than 1 only for ``multivariate``, ``comovement`` and
        ``subspace``, whose default is 2.
    direction : {"either", "up", "down"}
        The only side that counts.
    worse : sequence of str
        By measure, the bad side of each (``multivariate``).
    reference : Series, or one for each measure
        One window of each: what a test set showed (``reference``).
    **params
        Of the detector: `detectors` lists them, as do the pages in docs/detectors.

    Raises
    ------
    ParamError
        An unknown name (with the nearest right one), a value out of range, or measures that do not fit.

    Examples
    --------
    >>> detector = Detector("point", season=False, direction="up")
    >>> verdicts = detector.run(times, latency)
    >>> verdicts["surprise"].max()
    """

    def __init__(
        self,
        name: str,
        *,
        observations: int | None = None,
        direction: str = "either",
        worse: Sequence[str] = (),
        reference: Series | Sequence[Series] = (),
        **params: Any,
    ) -> None:
        info = next((each for each in detectors() if each.name == name), None)
        if observations is None:
            observations = 2 if info is not None and info.is_multivariate else 1
        self.reference = (reference,) if isinstance(reference, Series) else tuple(reference)
        native = [each.native for each in self.reference]
        self._series = observations + (1 if info is not None and info.compares_siblings else 0)
        self._watch = _core.Watch(name, settings(params), observations, direction, list(worse), native)
        self.name = name
        self.observations = observations
        self.direction = direction
        self.worse = tuple(worse)
        self._given = dict(params)

    @property
    def params(self) -> dict[str, Any]:
        """Every parameter by name, as given or by default."""
        info = next(each for each in detectors() if each.name == self.name)
        return {param.name: self._given.get(param.name, param.default) for param in info.params}

    @property
    def is_warm(self) -> bool:
        """Whether enough was learnt to alert."""
        return self._watch.is_warm

    @property
    def is_firing(self) -> bool:
        """Whether the alert of the last run is firing."""
        return self._watch.is_firing

    @property
    def memory_bytes(self) -> int:
        return self._watch.memory_bytes

    def run(
        self,
        timestamps: Any,
        values: Measures,
        *,
        rule: Rule | None = None,
        interval: Interval | None = None,
        time_zone: str = "UTC",
        holidays: Iterable[date | str] = (),
    ) -> npt.NDArray[Any]:
        """Judges windows in order, as the engine does: score, decide, learn. Can be called again with what follows.

        Other threads run meanwhile; the same detector must not be used by two at a time.

        Parameters
        ----------
        timestamps : array_like of datetime64
            Starts of the windows, in UTC.
        values : Series, array_like, or one for each measure
            Plain numbers are taken as ``tidewatch detect`` takes them. An array of two dimensions has a
            measure by column. For ``contrast`` two rates: its own, and that of its siblings together.
        rule : Rule, optional
            Decides which windows are anomalies, which are learnt with less weight. Default: that of
            ``tidewatch detect``.
        interval : str or timedelta, optional
            Width of a window, as in "5m"; left out, the median of the last distances.
        time_zone : str
            Of hours and weekdays in seasons.
        holidays : iterable of date
            Local dates that are like Sundays.

        Returns
        -------
        numpy.ndarray
            A row by window with fields

            - ``start``, ``width``: the window;
            - ``value``: what was compared, the window's value or the level since a change; ``expected``, ``low``,
              ``high``: central 95 % of what such a window shows when nothing changed;
            - ``effect``: (value - expected) / expected; ``effect_absolute``: value - expected;
            - ``direction``: `Direction`;
            - ``surprise``: bits, -log2 of a calibrated p-value; ``needed``: bits that an alert needs;
              ``score``: surprise / (surprise + needed), 0 unless ``judgement`` is `Judgement.scored`;
            - ``observation``: the measure that ``value`` and ``expected`` speak of; ``contributions``: bits by measure,
              adding up to the surprise (several measures only; those of a pair of ``comovement`` are half of each);
            - ``since_windows``: how many windows before this one the deviation began;
            - ``is_anomalous``: learnt as an anomaly; ``is_firing``: the alert after this window;
              ``is_limit``: the limit was set by people.
        """
        windows, series = self._rows(timestamps, values, interval, time_zone, holidays)
        return self._verdicts(self._watch.run(windows, series, (rule or Rule()).native()))

    def score(
        self,
        timestamps: Any,
        values: Measures,
        *,
        rule: Rule | None = None,
        interval: Interval | None = None,
        time_zone: str = "UTC",
        holidays: Iterable[date | str] = (),
    ) -> npt.NDArray[Any]:
        """Judges each window by what was learnt so far, and learns nothing. Arguments and result as those of `run`."""
        windows, series = self._rows(timestamps, values, interval, time_zone, holidays)
        return self._verdicts(self._watch.score(windows, series, (rule or Rule()).native()))

    def learn(
        self,
        timestamps: Any,
        values: Measures,
        *,
        anomalous: bool = False,
        weight: float = 1.0,
        confirmed_normal: bool = False,
        interval: Interval | None = None,
        time_zone: str = "UTC",
        holidays: Iterable[date | str] = (),
    ) -> None:
        """Learns windows without judging them.

        Parameters
        ----------
        anomalous : bool
            With reduced weight; counts towards ``adapt_after``.
        weight : float
            Further reduction, in [0, 1].
        confirmed_normal : bool
            This is how it is now: the new level is taken at once.
        """
        if not 0 <= weight <= 1:
            raise ParamError(f"weight: {weight} is outside [0, 1]", "bad_value")
        windows, series = self._rows(timestamps, values, interval, time_zone, holidays)
        self._watch.learn(windows, series, anomalous, weight, confirmed_normal)

    def categories(self, timestamp: Any, values: Series, **options: Any) -> list[tuple[str, float, float]]:
        """Categories of one window that moved most clearly: (name, expected share, share)."""
        windows, series = self._rows(
            timestamp, values, options.get("interval"), options.get("time_zone", "UTC"), options.get("holidays", ())
        )
        return self._watch.categories(windows, series)

    def save(self) -> bytes:
        """What was learnt, without parameters."""
        return self._watch.save()

    def load(self, state: bytes) -> None:
        """What `save` of a detector of the same name, parameters and number of measures wrote.

        Raises
        ------
        StateError
            When it is damaged or of another version; then nothing of this detector may be relied on.
        """
        self._watch.load(state)

    def __repr__(self) -> str:
        of = [("", self.name)]
        of += [("observations", self.observations)] if self.observations > 1 else []  # type: ignore[list-item]
        of += [("direction", self.direction)] if self.direction != "either" else []
        return call("Detector", of + list(self._given.items()))

    def __getstate__(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "observations": self.observations,
            "direction": self.direction,
            "worse": self.worse,
            "reference": self.reference,
            "params": self._given,
            "state": self.save(),
        }

    def __setstate__(self, kept: dict[str, Any]) -> None:
        Detector.__init__(
            self,
            kept["name"],
            observations=kept["observations"],
            direction=kept["direction"],
            worse=kept["worse"],
            reference=kept["reference"],
            **kept["params"],
        )
        self.load(kept["state"])

    def _rows(
        self,
        timestamps: Any,
        values: Measures,
        interval: Interval | None,
        time_zone: str,
        holidays: Iterable[date | str],
    ) -> tuple[npt.NDArray[np.void], list[_core.SeriesData]]:
        times = times_of(timestamps)
        series = _measures(values)
        if len(series) != self._series:
            raise ParamError(
                f"{len(series)} measures given to {self.name} of {self._series}; "
                "Detector(..., observations=...) says how many"
                if self._series == self.observations
                else f"{self.name} takes two rates, its own and that of its siblings, not {len(series)}",
                "bad_measures",
            )
        for each in series:
            if len(each) != len(times):
                raise ParamError(f"{len(times)} timestamps and a series of {len(each)}", "bad_value")
        windows = windows_of(times, width_of(interval), time_zone, holidays)
        return windows, [each.native for each in series]

    def _verdicts(self, made: tuple[npt.NDArray[np.void], npt.NDArray[np.float64]]) -> npt.NDArray[Any]:
        rows, contributions = made
        out = np.empty(len(rows), dtype=_verdict_dtype(self.observations))
        for name in rows.dtype.names or ():
            out[name] = rows[name].astype(out.dtype[name])
        if self.observations > 1:
            out["contributions"] = contributions
        return out


def _measures(values: Any) -> list[Series]:
    if isinstance(values, Series):
        return [values]
    if isinstance(values, (list, tuple)) and values and all(isinstance(each, Series) for each in values):
        return list(values)
    try:
        table = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParamError("values: not an array of numbers", "bad_value") from None
    if table.ndim == 1:
        return [plain(table)]
    if table.ndim == 2:
        return [plain(column) for column in table.T]
    raise ParamError(f"values: shape {table.shape}; one or two dimensions are expected", "bad_value")
