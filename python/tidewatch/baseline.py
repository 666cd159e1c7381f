"""What is expected of a series."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from tidewatch import _core
from tidewatch._params import Param, call, settings
from tidewatch._windows import Interval, times_of, width_of, windows_of
from tidewatch.series import Series, plain

_HOUR_NS = 3_600_000_000_000
_A_MONDAY = np.datetime64("2024-01-01", "ns")


class Baseline:
    """Level, hour of the week and natural variation of a series, learnt in one pass.

    Parameters
    ----------
    interval : str or timedelta
        Width of a window.
    time_zone : str
        Of hours and weekdays.
    holidays : iterable of date
        Local dates that are like Sundays.
    **params
        `Baseline.parameters` lists them.
    """

    def __init__(
        self, interval: Interval = "5m", *, time_zone: str = "UTC", holidays: Iterable[date | str] = (), **params: Any
    ) -> None:
        self._state = _core.BaselineState(settings(params))
        self._width = width_of(interval)
        self.time_zone = time_zone
        self.holidays = tuple(holidays)
        self._given = dict(params)

    @staticmethod
    def parameters() -> list[Param]:
        """Parameters with their ranges and defaults."""
        return [Param.of(row) for row in _core.describe_baseline()]

    @property
    def windows(self) -> float:
        """Windows with data learnt so far."""
        return self._state.windows

    @property
    def is_warm(self) -> bool:
        return self._state.is_warm

    @property
    def memory_bytes(self) -> int:
        return self._state.memory_bytes

    def run(
        self,
        timestamps: Any,
        values: Series | npt.ArrayLike,
        *,
        anomalous: npt.ArrayLike | None = None,
        forecasts: bool = False,
    ) -> npt.NDArray[Any]:
        """Expects each window by those before it, then learns it.

        Parameters
        ----------
        timestamps : array_like of datetime64
            Starts of the windows, in UTC.
        values : Series or array_like
        anomalous : array_like of bool, optional
            Windows to learn with reduced weight, counting towards ``adapt_after``.
        forecasts : bool
            Expect what will be seen (`forecast`) instead of what is normal.

        Returns
        -------
        numpy.ndarray
            Fields ``expected``, ``low`` and ``high`` (central 95 % of what a window of this size shows), the variances
            ``sampling_variance``, ``level_variance``, ``process_variance`` on the scale of the kind (logit of rates,
            log of positive numbers), and ``is_known``, false while nothing was learnt. A window without data is
            expected to be as large as the last one with data.
        """
        flags = np.zeros(0, dtype=bool) if anomalous is None else np.ascontiguousarray(anomalous, dtype=bool)
        return _packed(self._state.run(self._windows(timestamps), _series(values).native, flags, forecasts))

    def learn(self, timestamps: Any, values: Series | npt.ArrayLike) -> Baseline:
        """Learns windows, and returns itself."""
        self.run(timestamps, values)
        return self

    def predict(self, timestamps: Any, size_of: Series | None = None) -> npt.NDArray[Any]:
        """What is expected at other times, later ones for example. Learns nothing; fields as of `run`.

        Parameters
        ----------
        timestamps : array_like of datetime64
        size_of : Series, optional
            How much data the windows have, which decides how wide the interval is: as many windows, or one for all.
            Left out: as much as the last window that was learnt.
        """
        return self._expected(timestamps, size_of, forecasts=False)

    def forecast(self, timestamps: Any, size_of: Series | None = None) -> npt.NDArray[Any]:
        """What will be seen in later windows, be it normal or not: `predict` with what the windows just before tell.

        Intervals are as wide as 95 % of such windows needed so far. Arguments and fields as of `predict`; a window that
        is not after the last one learnt is a ValueError.
        """
        return self._expected(timestamps, size_of, forecasts=True)

    def season(self, size_of: Series | None = None) -> npt.NDArray[Any]:
        """What is expected by weekday (0 is Monday) and local hour: an array of 7 x 24 with the fields of `run`."""
        hours = np.arange(7 * 24)
        start = _A_MONDAY + (hours * _HOUR_NS).astype("timedelta64[ns]")
        windows = windows_of(start, self._width, "UTC")
        size = plain(np.full(len(hours), np.nan)) if size_of is None else size_of[np.zeros(len(hours), dtype=int)]
        return _packed(self._state.predict(windows, size.native, False)).reshape(7, 24)

    def save(self) -> bytes:
        """What was learnt, without parameters."""
        return self._state.save()

    def load(self, state: bytes) -> None:
        """What `save` wrote; StateError when it is damaged, then nothing has changed."""
        self._state.load(state)

    def __repr__(self) -> str:
        made = call("Baseline", [("interval", f"{self._width / 1e9:g}s"), *self._given.items()])
        return f"{made}: {self.windows:g} windows"

    def __getstate__(self) -> dict[str, Any]:
        return {
            "interval": self._width,
            "time_zone": self.time_zone,
            "holidays": self.holidays,
            "params": self._given,
            "state": self.save(),
        }

    def __setstate__(self, kept: dict[str, Any]) -> None:
        Baseline.__init__(
            self,
            np.timedelta64(kept["interval"], "ns"),
            time_zone=kept["time_zone"],
            holidays=kept["holidays"],
            **kept["params"],
        )
        self.load(kept["state"])

    def _expected(self, timestamps: Any, size_of: Series | None, *, forecasts: bool) -> npt.NDArray[Any]:
        windows = self._windows(timestamps)
        size = plain(np.full(len(windows), np.nan)) if size_of is None else size_of
        if len(size) == 1 and len(windows) > 1:
            size = size[np.zeros(len(windows), dtype=int)]
        return _packed(self._state.predict(windows, size.native, forecasts))

    def _windows(self, timestamps: Any) -> npt.NDArray[np.void]:
        return windows_of(times_of(timestamps), self._width, self.time_zone, self.holidays)


def _packed(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Without the gaps that the compiler leaves between fields."""
    return rows.astype([(name, rows.dtype[name]) for name in rows.dtype.names or ()])


def _series(values: Series | npt.ArrayLike) -> Series:
    return values if isinstance(values, Series) else plain(values)
