"""Measures over windows: what detectors and baselines read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tidewatch import _core
from tidewatch._errors import ParamError

__all__ = ["Series", "composition", "count", "distinct", "observed", "plain", "rate", "statistic"]


class Series:
    """One measure over windows, each with what is known of its sampling error.

    Made by `rate`, `count`, `statistic`, `distinct`, `composition`, `observed` or `plain`. A window without data is
    missing (``n == 0``), never zero.

    Attributes
    ----------
    kind : str
        ``rate``, ``distribution``, ``sum``, ``distinct`` or ``composition``.
    data : numpy.ndarray
        Fields ``value``, ``variance`` (of the value), ``n``, ``successes``, ``trials``, ``events``; of a composition
        the counts by window and category.
    low, high : float
        Nothing outside of these is expected.
    """

    def __init__(
        self,
        kind: str,
        data: npt.NDArray[Any],
        *,
        low: float = -np.inf,
        high: float = np.inf,
        names: Sequence[str] = (),
    ) -> None:
        self.kind, self.data, self.low, self.high, self.names = kind, data, low, high, tuple(names)
        if kind == "composition":
            self.native = _core.SeriesData(list(self.names), data)
        else:
            self.native = _core.SeriesData(kind, data, low, high)

    def __len__(self) -> int:
        return len(self.native)

    def __getitem__(self, windows: Any) -> Series:
        """Some of the windows: a slice, a mask, or indices."""
        if isinstance(windows, (int, np.integer)):
            windows = slice(windows, windows + 1 or None)
        part = np.ascontiguousarray(self.data[windows])
        return Series(self.kind, part, low=self.low, high=self.high, names=self.names)

    def __repr__(self) -> str:
        missing = int((self.n <= 0).sum())
        return f"Series({self.kind!r}): {len(self)} windows, {missing} of them without data"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.kind, self.data, self.low, self.high, self.names)

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """What was seen; NaN where nothing was. Of a composition the number of categories."""
        if self.kind == "composition":
            return np.asarray((self.data > 0).sum(axis=1), dtype=np.float64)
        return np.where(self.data["n"] > 0, self.data["value"], np.nan)

    @property
    def n(self) -> npt.NDArray[np.float64]:
        """Effective number of observations behind each value."""
        out = self.data.sum(axis=1) if self.kind == "composition" else self.data["n"]
        return np.asarray(out, dtype=np.float64)

    def interval(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Central 95 % of the true value given each window alone: low and high, NaN where nothing is known of it."""
        out = self.native.intervals()
        return out[:, 0], out[:, 1]


def _restore(kind: str, data: npt.NDArray[Any], low: float, high: float, names: Sequence[str]) -> Series:
    return Series(kind, data, low=low, high=high, names=names)


def _numbers(what: str, values: Any) -> npt.NDArray[np.float64]:
    try:
        out = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParamError(f"{what}: not an array of numbers", "bad_value") from None
    if out.ndim != 1:
        raise ParamError(f"{what}: shape {out.shape}; one dimension is expected", "bad_value")
    return out


def _rows(value: npt.NDArray[np.float64], n: Any, **fields: Any) -> npt.NDArray[Any]:
    out = np.zeros(len(value), dtype=_core.OBSERVATION_DTYPE)
    try:
        for name, given in {"value": value, "n": n, **fields}.items():
            out[name] = given
    except ValueError:
        raise ParamError("arrays of different lengths", "bad_value") from None
    usable = np.isfinite(out["value"]) & (out["n"] > 0)
    for name in out.dtype.names or ():
        out[name] = np.where(usable, out[name], 0)
    out["value"] = np.where(usable, out["value"], np.nan)
    return out


def rate(successes: Any, trials: Any) -> Series:
    """Successes of trials: errors of requests, refusals of answers.

    Parameters
    ----------
    successes, trials : array_like
        By window; no trials: missing.
    """
    good, of = _numbers("successes", successes), _numbers("trials", trials)
    if len(good) != len(of):
        raise ParamError(f"{len(good)} successes and {len(of)} trials", "bad_value")
    if (good > of).any() or (good < 0).any():
        raise ParamError("successes: more than trials, or below 0", "bad_value")
    with np.errstate(invalid="ignore", divide="ignore"):
        value = good / of
    return Series("rate", _rows(value, of, successes=good, trials=of), low=0, high=1)


def count(values: Any, *, events: Any = None) -> Series:
    """Amounts per window: requests, tokens, cost.

    Parameters
    ----------
    values : array_like
        Totals by window. 0 is a window in which nothing happened; NaN is missing.
    events : array_like, optional
        Effective number of unit events behind each total, ``sum(x)**2 / sum(x**2)``; left out, each counts 1.
    """
    if events is None:
        return plain(values, kind="sum")
    total, of = _numbers("values", values), _numbers("events", events)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(of > 0, total * total / of, 0)
    return Series("sum", _rows(total, np.where(of > 0, of, 1), events=of, variance=variance), low=0)


def statistic(values: Any, *, n: Any = 1, variance: Any = 0, low: float = -np.inf, high: float = np.inf) -> Series:
    """A number by window, such as a mean or a quantile.

    Parameters
    ----------
    values : array_like
        NaN: missing.
    n : array_like, default 1
        Observations behind each; 0: missing.
    variance : array_like, default 0
        Sampling variance of each value: ``s**2 / n`` of a mean. 0: it is learnt from how the values vary.
    low, high : float
        Nothing outside of these is expected.
    """
    return Series("distribution", _rows(_numbers("values", values), n, variance=variance), low=low, high=high)


def distinct(values: Any, *, variance: Any = 0) -> Series:
    """Numbers of different things, such as users, with the variance of their estimates."""
    value = _numbers("values", values)
    return Series("distinct", _rows(value, np.maximum(np.nan_to_num(value), 1), variance=variance), low=0)


def composition(counts: Any, names: Iterable[str] | None = None) -> Series:
    """Counts by category: finish reasons, models, topics.

    Parameters
    ----------
    counts : array_like of shape (windows, categories), or mapping of name to array_like
    names : iterable of str
        Of the categories; a mapping has its own, and a pandas.DataFrame its columns.
    """
    if isinstance(counts, Mapping):
        names, counts = list(counts), np.column_stack([_numbers(name, counts[name]) for name in counts])
    elif names is None and hasattr(counts, "columns"):
        names = [str(each) for each in counts.columns]
    if names is None:
        raise ParamError("composition: names of the categories are missing", "bad_value")
    table = np.ascontiguousarray(counts, dtype=np.float64)
    return Series("composition", np.where(np.isfinite(table) & (table > 0), table, 0.0), names=list(names))


def observed(kind: str, aggregates: Iterable[_core.Aggregate], statistic: str = "value") -> Series:
    """What aggregates say, one by window, as the engine observes them."""
    rows = [aggregate.observe(statistic) for aggregate in aggregates]
    return Series(kind, np.concatenate(rows) if rows else np.zeros(0, dtype=_core.OBSERVATION_DTYPE))


def plain(values: Any, kind: str = "distribution") -> Series:
    """Numbers of which nothing is known but their kind, as ``tidewatch detect --kind`` reads them."""
    return Series(kind, _core.plain_rows(kind, _numbers("values", values)))
