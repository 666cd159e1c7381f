"""Parameters as the tables of the detectors describe them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Param:
    """One parameter of a detector or of a baseline."""

    name: str
    type: str
    default: Any  #: None where it is not set unless you set it
    low: float
    high: float
    help: str
    unit: str

    @staticmethod
    def of(row: Mapping[str, Any]) -> Param:
        return Param(**{**row, "default": _value(row["type"], row["default"])})


def _value(kind: str, text: str) -> Any:
    if text == "":
        return None
    if kind == "boolean":
        return text == "true"
    if kind == "integer":
        return int(text)
    return float(text) if kind == "number" else text


def as_text(value: Any) -> str:
    """A value as a config writes it."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, (timedelta, np.timedelta64)):
        return f"{np.timedelta64(value, 'ns').astype(np.int64)}ns"
    return str(value)


def settings(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parameters by name as texts, those that are None left out."""
    return [(name, as_text(value)) for name, value in params.items() if value is not None]


def call(name: str, params: Iterable[tuple[str, Any]]) -> str:
    """How the object was made, for __repr__."""
    return f"{name}({', '.join(f'{key}={value!r}' if key else repr(value) for key, value in params)})"
