"""Streaming anomaly detection: the detectors, baselines and sketches of the Tidewatch engine, for notebooks.

What is judged here is judged as `tidewatch detect` judges it, to the last bit. docs/python.md is the introduction.
"""

from tidewatch._core import (
    VERSION as __version__,
)
from tidewatch._core import (
    Aggregate,
    CategoryCounts,
    DistinctSketch,
    HeavyHitters,
    Moments,
    QuantileSketch,
)
from tidewatch._errors import Error, ParamError, StateError
from tidewatch._params import Param
from tidewatch.baseline import Baseline
from tidewatch.detector import Detector, DetectorInfo, Direction, Judgement, detectors
from tidewatch.outputs import read_alerts, read_scores, series_of
from tidewatch.rule import Alert, Rule, alerts, severity
from tidewatch.series import Series, composition, count, distinct, observed, plain, rate, statistic

__all__ = [
    "Aggregate",
    "Alert",
    "Baseline",
    "CategoryCounts",
    "Detector",
    "DetectorInfo",
    "Direction",
    "DistinctSketch",
    "Error",
    "HeavyHitters",
    "Judgement",
    "Moments",
    "Param",
    "ParamError",
    "QuantileSketch",
    "Rule",
    "Series",
    "StateError",
    "__version__",
    "alerts",
    "composition",
    "count",
    "detectors",
    "distinct",
    "observed",
    "plain",
    "rate",
    "read_alerts",
    "read_scores",
    "series_of",
    "severity",
    "statistic",
]
