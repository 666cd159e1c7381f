#!/usr/bin/env python3
"""Time and memory of our detectors beside those of other packages: the same values, one at a time, in one run.

Usage: detectors_bench.py BENCH [--quick] [arguments of the C++ benchmark]
(run by the interpreter that tests/bench/others/environment.sh makes; BENCH is the built detectors_bench)

Every detector scores a value and then learns it. River, rrcf and PySAD run in Python, RCF in Java after its compiler has
warmed up; PyOD's ECOD is fitted anew on the last 240 values every 30, its time shared by the 30. Memory of the Python
ones is what tracemalloc counts after a week of five-minute windows.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import tracemalloc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "others"))
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)
import streaming  # noqa: E402

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build" / "bench"
GOALS = {"Python": 50, "Java": 5}
REFERENCE = ("point/distribution", "shift/distribution", "novelty/distribution")


def pysad_model(name):
    def run(values):
        import pysad.models
        model = getattr(pysad.models, name)()
        scores = np.zeros(len(values))
        for i, row in enumerate(values):
            scores[i] = model.score_partial(row) if i else 0.0
            model.fit_partial(row)
        return scores
    return run


def others():
    """name: (function, rows that are enough to time it)"""
    return {
        "river HalfSpaceTrees": (streaming.river_detector(streaming.half_space_trees), 2016),
        "river LODA": (streaming.river_detector(streaming.loda), 2016),
        "rrcf, 40 trees": (streaming.robust_random_cut_forest, 500),
        "PyOD ECOD on the past": (streaming.on_past_window(streaming.ecod, False), 600),
        "PyOD IForest on the past": (streaming.on_past_window(streaming.isolation_forest, True), 300),
        "PySAD xStream": (pysad_model("xStream"), 500),
    }


def our_figures(binary, arguments):
    output = subprocess.run([binary, "--benchmark_format=json", *arguments], check=True, stdout=subprocess.PIPE).stdout
    runs = json.loads(output)["benchmarks"]
    timed = {r["name"]: r for r in runs if not r["name"].startswith("resident/")}
    resident = {r["name"].split("/")[1]: r for r in runs if r["name"].startswith("resident/")}
    return timed, resident


def python_figures(values, quick):
    for name, (run, enough) in others().items():
        rows = values[:min(enough, 200) if quick else enough]
        run(rows[:60])  # imports, and whatever is compiled on first use
        started = time.process_time()
        run(rows)
        seconds = time.process_time() - started
        tracemalloc.start()
        kept = []
        memory_run(run, rows, kept)
        tracemalloc.stop()
        yield name, seconds / len(rows) * 1e9, kept[0]


def memory_run(run, rows, kept):
    """Most bytes allocated during the run, less what it returns."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    scores = run(rows)
    kept.append(tracemalloc.get_traced_memory()[1] - before - scores.nbytes)


def rcf_nanoseconds(values, shingle):
    with tempfile.TemporaryDirectory() as folder:
        given = pathlib.Path(folder, "in")
        np.savetxt(given, np.tile(values, (5, 1)), delimiter=",")
        output = subprocess.run(["java", "-XX:+UseSerialGC", "-cp", f"{BUILD}/rcf/lib/*:{BUILD}/rcf/classes",
                                 "RcfScores", str(shingle), "1", given, pathlib.Path(folder, "out")], check=True,
                                stdout=subprocess.PIPE, text=True).stdout
    return float(output.strip().rsplit(",", 1)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench")
    parser.add_argument("--quick", action="store_true", help="fewer values through the slow ones")
    args, rest = parser.parse_known_args()
    timed, resident = our_figures(args.bench, rest)
    print("\n| ours | ns for each value | bytes counted | bytes saved |\n|---|---|---|---|")
    for name, run in timed.items():
        print(f"| {name} | {run['cpu_time']:,.0f} | {run.get('memory_bytes', 0):,.0f} | "
              f"{run.get('saved_bytes', 0):,.0f} |")
    print("\n| many series of | series | bytes of the process for each | a million |\n|---|---|---|---|")
    for name, run in resident.items():
        print(f"| {name} | {run['series']:,.0f} | {run['bytes_per_series']:,.0f} | "
              f"{run['bytes_per_series'] / 1e3:.1f} GB |")
    references = [name for name in REFERENCE if name in timed]
    if not references:
        return
    print("\n| other packages | ns for each value | kilobytes | " +
          " | ".join(f"times the time of {name.split('/')[0]}" for name in references) + " |")
    print("|---" * (3 + len(references)) + "|")
    series = subprocess.run([args.bench, "--print-series"], check=True, stdout=subprocess.PIPE, text=True).stdout
    values = np.array([[float(line)] for line in series.split()])

    def line(name, language, nanoseconds, memory):
        ratios = [nanoseconds / timed[reference]["cpu_time"] for reference in references]
        marks = " | ".join(f"{r:,.0f}" + ("" if r >= GOALS[language] else f" (goal {GOALS[language]})") for r in ratios)
        print(f"| {name} ({language}) | {nanoseconds:,.0f} | {memory} | {marks} |", flush=True)

    for name, nanoseconds, memory in python_figures(values, args.quick):
        line(name, "Python", nanoseconds, f"{memory / 1e3:,.0f}")
    for shingle in (1, streaming.RCF_SHINGLE):
        line(f"AWS Random Cut Forest, shingle {shingle}", "Java", rcf_nanoseconds(values, shingle), "")


if __name__ == "__main__":
    main()
