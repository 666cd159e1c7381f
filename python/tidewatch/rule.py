"""From verdicts to alerts, as the engine decides."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from tidewatch import _core
from tidewatch._errors import ParamError
from tidewatch._windows import Interval, width_of


@dataclass(frozen=True)
class Rule:
    """When verdicts become an alert, and when it ends.

    Parameters
    ----------
    name, entity : str
        Parts of the alert's id.
    min_surprise : float, optional
        Bits; left out, they follow from the budget of false alarms and the width of a window.
    false_alarms_per_week, per_series : float
        How many false alarms are accepted of so many series together.
    min_effect : float
        Least relative effect: 0.15 is 15 %. (A config's default is 0.1, that of ``tidewatch detect`` 0.)
    min_effect_absolute : float
        Least effect in the measure's own units.
    for_windows, resolve_after, resolve_missing_after, flap_windows : int
        Windows in a row before it fires; calm ones before it ends; windows without data before it ends; how soon
        firing again is the same alert.
    stakes : {"informative", "ordinary", "high", "safety"}
        What a deviation of the measure means: decides the severity.
    severity : {"ticket", "page"}
        At least this.
    page_above : float, optional
        Relative effect that pages.
    """

    name: str = "rule"
    entity: str = "series"
    min_surprise: float | None = None
    false_alarms_per_week: float = 1.0
    per_series: float = 100.0
    min_effect: float = 0.0
    min_effect_absolute: float = 0.0
    for_windows: int = 1
    resolve_after: int = 3
    resolve_missing_after: int = 36
    flap_windows: int = 12
    stakes: str = "ordinary"
    severity: str = "ticket"
    page_above: float | None = None

    def __post_init__(self) -> None:
        self.native()  # checks

    def native(self) -> _core.Rule:
        return _core.Rule(**{field.name: getattr(self, field.name) for field in fields(self)})

    def needed_bits(self, interval: Interval) -> float:
        """Surprise that an alert needs, for windows of this width."""
        return self.native().needed_bits(width_of(interval))


@dataclass(frozen=True)
class Alert:
    """One alert from its first to its last window."""

    id: str
    severity: str
    starts_at: np.datetime64  #: start of the first window that deviated
    fired_at: np.datetime64  #: end of the window that decided
    ends_at: np.datetime64  #: end of the last window that deviated; NaT while it is firing
    surprise: float  #: of its most surprising window, as the four below
    effect: float
    value: float
    expected: float
    reopened: int = 0  #: how often it fired again soon after it had ended

    @property
    def is_firing(self) -> bool:
        return bool(np.isnat(self.ends_at))


def _time(nanoseconds: int) -> np.datetime64:
    return np.datetime64(nanoseconds, "ns")


def _native_rows(verdicts: npt.NDArray[Any]) -> npt.NDArray[Any]:
    names = verdicts.dtype.names or ()
    if not set(_core.VERDICT_DTYPE.names or ()) <= set(names):
        raise ParamError("verdicts: not what Detector.run() returns", "bad_value")
    out = np.empty(len(verdicts), dtype=_core.VERDICT_DTYPE)
    for name in _core.VERDICT_DTYPE.names or ():
        out[name] = verdicts[name]
    return out


def alerts(verdicts: npt.NDArray[Any], rule: Rule | None = None) -> list[Alert]:
    """The alerts that a rule makes of verdicts, in the order of their beginning.

    The verdicts are taken as they are: what a detector would have learnt under another rule than that of its run is not
    repeated. With the same rule these are the alerts of the run.

    Parameters
    ----------
    verdicts : numpy.ndarray
        Of `Detector.run`.
    rule : Rule, optional
    """
    out: dict[str, Alert] = {}
    for step in (rule or Rule()).native().replay(_native_rows(verdicts)):
        before = out.get(step.id)
        out[step.id] = Alert(
            id=step.id,
            severity=step.severity,
            starts_at=_time(step.starts_at),
            fired_at=_time(step.observed_at) if before is None else before.fired_at,
            ends_at=_time(step.ends_at) if step.kind == "resolved" else np.datetime64("NaT", "ns"),
            surprise=step.surprise,
            effect=step.effect,
            value=step.value,
            expected=step.expected,
            reopened=(0 if before is None else before.reopened) + int(step.is_reopened),
        )
    return list(out.values())


def severity(verdicts: npt.NDArray[Any], rule: Rule | None = None) -> npt.NDArray[np.str_]:
    """``ticket`` or ``page`` for each verdict, were it an alert."""
    pages = (rule or Rule()).native().pages(_native_rows(verdicts))
    return np.where(pages, "page", "ticket")
