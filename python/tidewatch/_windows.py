"""Times, widths and places in the week of windows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from tidewatch import _core
from tidewatch._errors import ParamError

Interval = str | timedelta | np.timedelta64

_QUARTER_S = 900  # no zone changes its offset but at a quarter of an hour


def times_of(timestamps: Any) -> npt.NDArray[np.datetime64]:
    """Moments in UTC: datetime64, datetimes, ISO 8601 texts, or an index of pandas; without a zone they are UTC."""
    if getattr(timestamps, "tz", None) is not None:  # pandas.DatetimeIndex
        timestamps = timestamps.tz_convert("UTC").tz_localize(None)
    elif getattr(getattr(timestamps, "dt", None), "tz", None) is not None:  # pandas.Series
        timestamps = timestamps.dt.tz_convert("UTC").dt.tz_localize(None)
    if isinstance(timestamps, (str, datetime, np.datetime64)):
        timestamps = [timestamps]
    values = np.asarray(timestamps)
    if values.dtype == object or values.dtype.kind == "U":
        values = np.asarray([_moment(each) for each in values], dtype="datetime64[ns]")
    if values.dtype.kind != "M" or values.ndim != 1:
        raise ParamError(f"timestamps: {values.dtype} of shape {values.shape} are no times; use datetime64", "bad_time")
    out = values.astype("datetime64[ns]")
    if np.isnat(out).any():
        raise ParamError("timestamps: NaT is no time", "bad_time")
    return out


def _moment(value: Any) -> np.datetime64:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise ParamError(f'timestamps: "{value}" is no time', "bad_time") from None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            value = value.astimezone(timezone.utc).replace(tzinfo=None)
        return np.datetime64(value, "ns")
    if isinstance(value, np.datetime64):
        return value
    raise ParamError(f"timestamps: {value!r} is no time", "bad_time")


def width_of(interval: Interval | None) -> int:
    """Nanoseconds; 0 where the rows tell: the median of their last distances."""
    if interval is None:
        return 0
    if isinstance(interval, str):
        number = interval.rstrip("abcdefghijklmnopqrstuvwxyz")
        units = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9, "w": 604800e9}
        try:
            nanoseconds = int(float(number) * units[interval[len(number) :]])
        except (KeyError, ValueError):
            raise ParamError(f'interval: "{interval}" is no duration; write it as in 5m or 30s', "bad_value") from None
    else:
        nanoseconds = int(np.timedelta64(interval, "ns").astype(np.int64))
    if nanoseconds <= 0:
        raise ParamError(f"interval: {interval} is not more than 0", "bad_value")
    return nanoseconds


def windows_of(
    times: npt.NDArray[np.datetime64], width_ns: int, time_zone: str, holidays: Iterable[date | str] = ()
) -> npt.NDArray[np.void]:
    """Rows of WINDOW_DTYPE: hours and weekdays are local to `time_zone`, daylight saving included."""
    out = np.zeros(len(times), dtype=_core.WINDOW_DTYPE)
    nanoseconds = times.astype(np.int64)
    out["start"] = nanoseconds
    out["width"] = width_ns
    seconds = nanoseconds // 1_000_000_000
    local = seconds + _offsets(seconds, time_zone)
    days = local // 86400
    out["hour"] = local // 3600 % 24
    out["weekday"] = (days + 3) % 7  # the epoch was a Thursday
    dates = np.asarray([np.datetime64(each, "D") for each in holidays], dtype="datetime64[D]").astype(np.int64)
    out["holiday"] = np.isin(days, dates)
    return out


def _offsets(seconds: npt.NDArray[np.int64], time_zone: str) -> npt.NDArray[np.int64]:
    if time_zone == "UTC":
        return np.zeros_like(seconds)
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise ParamError(f'time_zone: "{time_zone}" is unknown here', "bad_time_zone") from None
    quarters, at = np.unique(seconds // _QUARTER_S, return_inverse=True)
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    offsets = []
    for quarter in quarters:
        offset = (epoch + timedelta(seconds=int(quarter) * _QUARTER_S)).astimezone(zone).utcoffset()
        offsets.append(0 if offset is None else int(offset.total_seconds()))
    return np.asarray(offsets, dtype=np.int64)[at]
