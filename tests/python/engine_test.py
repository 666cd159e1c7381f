"""What the package says is what the engine says, to the last bit."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tidewatch as tw
from conftest import latency, needed_params, run, times

# CSV holds ten and six digits; equal to those, for every row, means equal: a wrong last bit moves thousands of rows.
DIGITS = {"anomaly_score": ".10g", "surprise": ".6g", "expected": ".10g", "effect": ".6g"}

# The command has no test set and no siblings to compare with.
SINGLE = [
    info
    for info in tw.detectors()
    if "distribution" in info.kinds and not (info.is_multivariate or info.compares_reference or info.compares_siblings)
]


def series_file(path: Path, columns: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Six weeks with a burst, a shift, gaps in time, missing values."""
    count = 12_096  # six weeks: trend counts days
    when = times(count)
    table = np.column_stack([latency(count, seed) for seed in range(1, columns + 1)])
    table[2000:2006] *= 2.5
    table[3000:] *= 1.15
    table[2500:2504, 0] = np.nan
    keep = np.ones(count, dtype=bool)
    keep[1200:1230] = False
    when, table = when[keep], table[keep]
    with path.open("w") as out:
        out.write("timestamp," + ",".join(f"v{i}" for i in range(columns)) + "\n")
        for moment, row in zip(when, table, strict=True):
            fields = ["" if np.isnan(value) else repr(float(value)) for value in row]
            out.write(",".join([np.datetime_as_string(moment, unit="s") + "Z", *fields]) + "\n")
    return when, table


def written(verdicts: np.ndarray) -> list[dict[str, str]]:
    """Verdicts as `tidewatch detect` writes them."""
    out = []
    for row in verdicts:
        says = row["judgement"] != tw.Judgement.missing
        has_expectation = says and (
            row["judgement"] == tw.Judgement.scored or row["expected"] != 0 or row["low"] != row["high"]
        )
        out.append(
            {
                "anomaly_score": format(row["score"], DIGITS["anomaly_score"]),
                "surprise": format(row["surprise"] if says else 0.0, DIGITS["surprise"]),
                "expected": format(row["expected"], DIGITS["expected"]) if has_expectation else "",
                "effect": format(row["effect"], DIGITS["effect"]) if has_expectation else "",
            }
        )
    return out


def compare(binary: Path, folder: Path, verdicts: np.ndarray, *options: object) -> None:
    run(binary, "detect", "--input", folder / "series.csv", "--output", folder / "scores.csv", *options)
    with (folder / "scores.csv").open() as file:
        said = [{name: row[name] for name in DIGITS} for row in csv.DictReader(file)]
    ours = written(verdicts)
    assert len(said) == len(ours) > 3000
    different = [i for i, (a, b) in enumerate(zip(said, ours, strict=True)) if a != b]
    assert not different, (
        f"{len(different)} rows differ, first {different[0]}: {said[different[0]]} {ours[different[0]]}"
    )
    assert max(float(row["anomaly_score"]) for row in said) > 0


@pytest.mark.parametrize("info", SINGLE, ids=lambda info: info.name)
def test_a_file_is_judged_as_the_command_judges_it(info: tw.DetectorInfo, binary: Path, tmp_path: Path) -> None:
    when, table = series_file(tmp_path / "series.csv")
    params = needed_params(info)
    verdicts = tw.Detector(info.name, **params).run(when, table[:, 0])
    options = [part for name, value in params.items() for part in ("--set", f"{name}={value}")]
    compare(binary, tmp_path, verdicts, "--detector", info.name, *options)


def test_parameters_direction_kind_interval_and_zone_are_the_same(binary: Path, tmp_path: Path) -> None:
    when, table = series_file(tmp_path / "series.csv")
    detector = tw.Detector("point", half_life=300, season=True, direction="up")
    verdicts = detector.run(when, tw.plain(table[:, 0], "sum"), interval="10m", time_zone="America/New_York")
    options = ["--set", "half_life=300", "--direction", "up", "--kind", "sum", "--interval", "10m"]
    compare(binary, tmp_path, verdicts, "--detector", "point", *options, "--time-zone", "America/New_York")


def test_several_measures_are_judged_together_as_the_command_does(binary: Path, tmp_path: Path) -> None:
    when, table = series_file(tmp_path / "series.csv", columns=3)
    verdicts = tw.Detector("multivariate", observations=3).run(when, table)
    compare(binary, tmp_path, verdicts, "--detector", "multivariate")


def test_the_registry_and_its_defaults_are_the_commands(binary: Path) -> None:
    assert run(binary, "version").stdout.split()[1] == tw.__version__
    page = run(binary, "config", "docs").stdout
    for info in tw.detectors():
        assert f"`{info.name}`" in page
        for param in info.params:
            assert f"`{param.name}`" in page, f"{info.name}.{param.name}"
