#!/usr/bin/env python3
"""`tidewatch detect` on the Numenta Anomaly Benchmark (Lavin & Ahmad 2015), by its published rules.

Usage: nab_bench.py BINARY [--cross-validate] [--others]

The folder bench of the shared data (TIDEWATCH_SHARED) holds nab_score.py, nab/windows.json and nab/data; they are not
part of this project. Prints the scores of the default
detector and of others in the same run, with the one threshold that is best for all files, as the benchmark does; then,
for each folder of files, the score at the threshold that is best for the other folders. --cross-validate also chooses
the detector's parameters on the other folders: what a choice made on some files is worth on others (some minutes).
--others puts other packages' detectors into the first table (run by the interpreter that tests/bench/others/environment.sh
makes; rrcf, stumpi and the isolation forest are left out, they would take half an hour): the same rows, one pass, causal.
"""
import argparse
import concurrent.futures
import csv
import importlib.util
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

DETECTORS = {  # name in the table: options
    "default (novelty)": [],
    "novelty, each row by itself": ["--set", "episode=0"],
    "point": ["--detector", "point"],
    "shift": ["--detector", "shift"],
}
GRID = {"level_windows": [20, 40, 80], "roughness_windows": [50, 100, 200], "block": [50, 100, 200],
        "episode": [60, 100, 150]}
OTHERS = ["river HalfSpaceTrees", "river LODA", "AWS Random Cut Forest", "PyOD ECOD on the past", "ADTK PersistAD",
          "ADTK LevelShiftAD", "windowed Gaussian"]
HERE = pathlib.Path(__file__).resolve().parent
MOST_EVENTS = 400  # of a file; a threshold that lets more through costs more than all windows are worth


def load_scorer(folder):
    spec = importlib.util.spec_from_file_location("nab_score", os.path.join(folder, "nab_score.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Benchmark:
    def __init__(self, binary, folder):
        self.binary = binary
        self.scorer = load_scorer(folder)
        self.data = os.path.join(folder, "nab", "data")
        with open(os.path.join(folder, "nab", "windows.json")) as handle:
            labelled = json.load(handle)
        self.windows = {n: w for n, w in sorted(labelled.items()) if os.path.exists(os.path.join(self.data, n))}
        self.folders = sorted({os.path.dirname(n) for n in self.windows})
        self.profiles = self.scorer.PROFILES

    def events_of(self, name, options):
        """The most anomalous rows of a file: (score, window, value of a detection there)."""
        with tempfile.NamedTemporaryFile(suffix=".csv") as out:
            subprocess.run([self.binary, "detect", *options, "--input", os.path.join(self.data, name),
                            "--output", out.name], check=True, stderr=subprocess.DEVNULL)
            return self.events_among(name, *self.scorer.read_rows(out.name))

    def events_among(self, name, times, scores):
        rows, count = self.scorer.file_events(times, scores, self.windows[name])
        if count != len(self.windows[name]):
            raise SystemExit(f"{name}: windows were lost")
        rows.sort(key=lambda event: -event[0])
        least = rows[min(len(rows), MOST_EVENTS) - 1][0]
        return [(s, None if w is None else (name, w), v) for s, w, v in rows if s >= least and s > 0]

    def run(self, options):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(self.windows, pool.map(lambda name: self.events_of(name, options), self.windows)))

    def run_other(self, detector):
        """The same of another package's detector, in processes."""
        files = [os.path.join(self.data, name) for name in self.windows]
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
            scored = pool.map(other_scores, [detector] * len(files), files)
            return {name: self.events_among(name, *rows) for name, rows in zip(self.windows, scored)}

    def names(self, folder=None, without=None):
        return [n for n in self.windows if (folder is None or os.path.dirname(n) == folder)
                and os.path.dirname(n) != without]

    def best(self, results, names, profile):
        """(score, threshold) with the best threshold for these files."""
        events = [event for name in names for event in results[name]]
        return self.scorer.sweep(events, sum(len(self.windows[n]) for n in names), self.profiles[profile])

    def points(self, results, names, profile, threshold):
        """(points, points of finding nothing, points of a perfect detector) at a threshold."""
        tp, fp, fn = self.profiles[profile]
        found, points = {}, 0.0
        for name in names:
            for score, window, value in results[name]:
                if score < threshold:
                    break
                if window is None:
                    points += value * fp
                else:
                    found[window] = max(found.get(window, -1.0), value)
        windows = sum(len(self.windows[n]) for n in names)
        return points + sum(v * tp for v in found.values()) - fn * (windows - len(found)), -fn * windows, tp * windows


def other_scores(detector, path):
    """(times, scores) of a file."""
    sys.path.insert(0, str(HERE / "others"))
    import numpy as np
    import streaming
    with open(path, newline="") as handle:
        rows = [(row["timestamp"], float(row["value"])) for row in csv.DictReader(handle)]
    values = np.array([[value] for _, value in rows])
    scores = streaming.univariate(HERE.parents[1] / "build" / "bench")[detector](values)
    return [t.replace("T", " ")[:19] for t, _ in rows], scores.tolist()


def print_detectors(bench, others):
    print(f"\n{len(bench.windows)} files, {sum(map(len, bench.windows.values()))} windows; "
          "one threshold for all files, the best\n")
    print("| detector | " + " | ".join(bench.profiles) + " |")
    print("|---" * (len(bench.profiles) + 1) + "|")
    runs = {name: bench.run(options) for name, options in DETECTORS.items()}
    runs |= {name: bench.run_other(name) for name in others}
    for name, results in runs.items():
        scores = [bench.best(results, bench.names(), profile)[0] for profile in bench.profiles]
        print(f"| {name} | " + " | ".join(f"{s:.1f}" for s in scores) + " |", flush=True)
    return runs["default (novelty)"]


def print_folds(bench, results_of_fold, title):
    """`results_of_fold(folder)`: results whose making did not look at the folder."""
    print(f"\n{title}\n")
    print("| folder | files | windows | " + " | ".join(bench.profiles) + " |")
    print("|---" * (len(bench.profiles) + 3) + "|")
    folds = {profile: [] for profile in bench.profiles}
    pooled = {profile: [0.0, 0.0, 0.0] for profile in bench.profiles}
    for folder in bench.folders:
        names = bench.names(folder)
        windows = sum(len(bench.windows[n]) for n in names)
        cells = []
        for profile in bench.profiles:
            results = results_of_fold(folder)
            _, threshold = bench.best(results, bench.names(without=folder), profile)
            points, null, perfect = bench.points(results, names, profile, threshold)
            pooled[profile] = [a + b for a, b in zip(pooled[profile], (points, null, perfect))]
            cells.append(f"{100 * (points - null) / (perfect - null):.1f}" if windows else f"{points:.2f} points")
            if windows:
                folds[profile].append(100 * (points - null) / (perfect - null))
        print(f"| {folder} | {len(names)} | {windows} | " + " | ".join(cells) + " |", flush=True)
    summary = [f"{statistics.mean(v):.1f} ± {statistics.stdev(v):.1f}" for v in folds.values()]
    print("| mean and standard deviation of folders | | | " + " | ".join(summary) + " |")
    total = [f"{100 * (p - null) / (perfect - null):.1f}" for p, null, perfect in pooled.values()]
    print("| all files together | | | " + " | ".join(total) + " |", flush=True)


def choose_parameters(bench):
    """Results of every choice of the grid, and for each folder the one that is best for the others."""
    choices = [dict(zip(GRID, values)) for values in itertools.product(*GRID.values())]
    runs = []
    for i, choice in enumerate(choices):
        runs.append(bench.run([word for k, v in choice.items() for word in ("--set", f"{k}={v}")]))
        print(f"\r{i + 1} of {len(choices)} choices of parameters", end="", flush=True)
    scores = sorted(bench.best(run, bench.names(), "standard")[0] for run in runs)
    print(f"\nstandard profile over all choices: lowest {scores[0]:.1f}, median {statistics.median(scores):.1f}, "
          f"highest {scores[-1]:.1f}")
    chosen = {}
    for folder in bench.folders:
        others = bench.names(without=folder)
        best = max(range(len(runs)), key=lambda i: bench.best(runs[i], others, "standard")[0])
        print(f"chosen without {folder}: {choices[best]}", flush=True)
        chosen[folder] = runs[best]
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--others", action="store_true")
    args = parser.parse_args()
    folder = os.path.join(os.environ.get("TIDEWATCH_SHARED") or "../shared", "bench")
    if not os.path.exists(os.path.join(folder, "nab", "windows.json")):
        raise SystemExit(f"no benchmark data in {folder}/nab; set TIDEWATCH_SHARED to the folder that holds bench/nab")
    bench = Benchmark(args.binary, folder)
    default = print_detectors(bench, OTHERS if args.others else [])
    print_folds(bench, lambda _: default, "default, each folder at the threshold that is best for the others")
    if args.cross_validate:
        chosen = choose_parameters(bench)
        print_folds(bench, chosen.get, "parameters and threshold chosen on the other folders")


if __name__ == "__main__":
    main()
