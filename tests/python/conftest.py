"""What the tests of the Python package share."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tidewatch as tw

ROOT = Path(__file__).resolve().parents[2]
FIVE_MINUTES = np.timedelta64(5, "m")


@pytest.fixture(scope="session")
def binary() -> Path:
    """The engine's command, built before."""
    path = Path(os.environ.get("TIDEWATCH_BINARY", ROOT / "build/release/tidewatch"))
    assert path.is_file(), f"{path} is not built: ./dev build"
    return path


def run(*command: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done


def times(count: int, start: str = "2026-03-02T00:00:00") -> npt.NDArray[np.datetime64]:
    """Starts of windows of five minutes; the first is a Monday's."""
    return np.datetime64(start, "ns") + np.arange(count) * FIVE_MINUTES.astype("timedelta64[ns]")


def daily(count: int) -> npt.NDArray[np.float64]:
    """A day's season around 1, five-minute windows."""
    return 1 + 0.3 * np.sin(2 * np.pi * np.arange(count) / 288)


def latency(count: int, seed: int = 1) -> npt.NDArray[np.float64]:
    return daily(count) * np.exp(np.random.default_rng(seed).normal(0, 0.1, count))


def measures_for(info: tw.DetectorInfo, count: int, seed: int = 1) -> list[tw.Series]:
    """Traffic in which nothing happens, of a kind that the detector watches."""
    random = np.random.default_rng(seed)
    if "composition" in info.kinds:
        return [tw.composition(random.multinomial(200, [0.7, 0.2, 0.1], count), ["stop", "length", "tool"])]
    errors = random.binomial(400, 0.02, count)
    if info.compares_siblings:
        return [tw.rate(errors, np.full(count, 400)), tw.rate(random.binomial(4000, 0.02, count), np.full(count, 4000))]
    if info.is_multivariate:
        return [tw.statistic(latency(count, seed)), tw.rate(errors, np.full(count, 400))]
    return [tw.statistic(latency(count, seed), n=100, variance=0.01)]


def needed_params(info: tw.DetectorInfo) -> dict[str, Any]:
    """What the detector has nothing to judge without: limits of people, a test set."""
    out: dict[str, Any] = {param.name: 1.5 for param in info.params if param.name == "above"}
    if info.name == "drift":
        out["least"] = 10  # a period of an hour holds twelve windows, each of which is one value
    if info.compares_reference:
        out["reference"] = tw.statistic([1.0], n=500, variance=0.001)
    return out
