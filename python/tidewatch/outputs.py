"""What ``tidewatch backtest`` wrote, as tables of pandas."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterator
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tidewatch._errors import ParamError
from tidewatch.series import Series, count, distinct, rate, statistic

if TYPE_CHECKING:
    import pandas as pd

_TIMES = ("starts_at", "observed_at", "ends_at")


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("read_scores and read_alerts need pandas: pip install 'tidewatch[pandas]'") from error
    return pandas


def _lines(path: str | PathLike[str], default: str) -> Iterator[dict[str, Any]]:
    file = Path(fspath(path))
    if file.is_dir():
        file = file / default
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise ParamError(f"{file}:{number}: no JSON: {error.msg}", "bad_data") from None


def entity_of(labels: dict[str, str]) -> str:
    """Labels as ``service=shop,endpoint=/chat``; the service first, the others by name."""
    order = sorted(labels, key=lambda name: (name != "service", name))
    return ",".join(f"{name}={labels[name]}" for name in order)


def read_scores(path: str | PathLike[str], measures: Collection[str] | None = None) -> pd.DataFrame:
    """Quality scores of a backtest, a row for each entity, window and measure.

    Parameters
    ----------
    path : path
        ``quality-scores.jsonl`` (also .gz), or the folder it is in.
    measures : collection of str, optional
        Only these; a day of many entities has millions of rows.

    Returns
    -------
    pandas.DataFrame
        Columns ``entity``, ``start``, ``seconds``, ``index``, ``measure``, ``unit``, ``value``, ``n``, ``low``,
        ``high``, ``expected``, ``expected_low``, ``expected_high``, ``surprise``, ``effect``, ``judgement``, and a
        column ``label.NAME`` for each label. What is absent is NaN.
    """
    pandas = _pandas()
    rows: list[dict[str, Any]] = []
    for score in _lines(path, "quality-scores.jsonl"):
        labels = score.get("labels", {})
        shared = {
            "entity": entity_of(labels),
            "start": score.get("window_start"),
            "seconds": score.get("window_seconds"),
            "index": score.get("index"),
            **{f"label.{name}": value for name, value in labels.items()},
        }
        rows.extend(
            {**shared, **measure}
            for measure in score.get("measures", [])
            if measures is None or measure.get("measure") in measures
        )
    columns = ["entity", "start", "seconds", "index", "measure", "unit", "value", "n", "low", "high", "expected"]
    columns += ["expected_low", "expected_high", "surprise", "effect", "judgement"]
    out = pandas.DataFrame(rows)
    out = out.reindex(columns=columns + [name for name in out.columns if name not in columns])
    out["start"] = pandas.to_datetime(out["start"], utc=True).dt.tz_localize(None)
    return out


def read_alerts(path: str | PathLike[str]) -> pd.DataFrame:
    """Alerts of a backtest, a row for each transition.

    Parameters
    ----------
    path : path
        ``alerts.jsonl`` (also .gz), or the folder it is in.

    Returns
    -------
    pandas.DataFrame
        The fields of docs/topics/tidewatch.alerts.md, ``entity`` and a column ``label.NAME`` for each label; times in
        UTC.
    """
    pandas = _pandas()
    rows = []
    for alert in _lines(path, "alerts.jsonl"):
        labels = alert.pop("labels", {})
        rows.append({"entity": entity_of(labels), **{f"label.{k}": v for k, v in labels.items()}, **alert})
    out = pandas.DataFrame(rows)
    for name in ("entity", "id", "transition", "severity", "kind", "rule", "measure", *_TIMES):
        if name not in out.columns:
            out[name] = None
    for name in _TIMES:
        out[name] = pandas.to_datetime(out[name], utc=True, format="ISO8601").dt.tz_localize(None)
    return out


def series_of(scores: pd.DataFrame, entity: str, measure: str) -> tuple[Any, Series]:
    """A measure of an entity out of `read_scores`, ready for a detector.

    Returns
    -------
    (timestamps, Series)
        Windows in order. Rates have their successes and trials again, numbers the standard error of their interval.
    """
    rows = scores[(scores["entity"] == entity) & (scores["measure"] == measure)].sort_values("start")
    if rows.empty:
        known = sorted(scores.loc[scores["entity"] == entity, "measure"].unique())
        raise ParamError(f"no {measure} of {entity}; its measures: {', '.join(known) or 'none'}", "bad_measures")
    value, n = rows["value"].to_numpy(float), np.nan_to_num(rows["n"].to_numpy(float))
    times = rows["start"].to_numpy("datetime64[ns]")
    unit = rows["unit"].iloc[0]
    if unit == "share" and ((value >= 0) & (value <= 1) | np.isnan(value)).all():
        return times, rate(np.nan_to_num(value) * n, n)
    if measure in ("users", "sessions"):
        return times, distinct(value)
    error = (rows["high"] - rows["low"]).to_numpy(float) / (2 * 1.959964)
    if unit in ("count", "tokens", "usd") and measure.rpartition("_")[2] not in ("mean", "p50", "p95", "p99"):
        return times, count(value, events=np.where(error > 0, value**2 / np.maximum(error, 1e-300) ** 2, n))
    return times, statistic(value, n=n, variance=np.nan_to_num(error) ** 2)
