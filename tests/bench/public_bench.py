#!/usr/bin/env python3
"""`tidewatch detect` on labelled public series that come inside packages, beside detectors of other packages.

Usage: public_bench.py BINARY [--quick]   (run by the interpreter that tests/bench/others/environment.sh makes)

Everybody gets the same rows in one pass and scores each before learning it, with default settings. Measures of a
series, over its rows after the part that is only learnt: VUS-PR (Paparrizos et al. 2022, by aeon; slopes of up to a
twentieth of the series, at most 100 rows), area under precision and recall by rows (scikit-learn), the best F1 as
information. Scores are kept in build/bench/scores; --quick leaves out the slow detectors.
"""
import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "others"))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402  (after the number of threads is set)
import series as labelled  # noqa: E402
import streaming  # noqa: E402

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build" / "bench"
SLOW = {"rrcf", "stumpy stumpi", "PyOD ECOD on the past"}
OURS_UNIVARIATE = {
    "tidewatch, default (novelty)": [],
    "tidewatch novelty, each row by itself": ["--set", "episode=0"],
    "tidewatch point": ["--detector", "point"],
    "tidewatch shift": ["--detector", "shift"],
}
OURS_MULTIVARIATE = {
    "tidewatch multivariate": ["--detector", "multivariate"],
    "tidewatch subspace": ["--detector", "subspace"],
    "tidewatch comovement": ["--detector", "comovement"],
    "tidewatch point of each column": ["--detector", "point"],
    "tidewatch shift of each column": ["--detector", "shift"],
    "tidewatch novelty of each column": [],
}
MEASURES = ["VUS-PR", "AUC-PR", "best F1"]


def measure(series, scores):
    from aeon.benchmarking.metrics.anomaly_detection import range_pr_vus_score
    from sklearn.metrics import average_precision_score, precision_recall_curve
    labels, scores = series.scored_labels, scores[series.scored_from:]
    slope = min(100, max(4, len(series.values) // 20))
    if np.ptp(scores) == 0:  # says the same of all rows: what chance gets
        scores = streaming.random_scores(scores)
    ranks = np.unique(scores, return_inverse=True)[1].astype(float)  # only the order counts: no overflow
    precision, recall, _ = precision_recall_curve(labels, ranks)
    return (float(range_pr_vus_score(labels, ranks, max_buffer_size=slope)), float(average_precision_score(labels, ranks)),
            float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))))


def kept(name, series, code, compute):
    """The scores, from a file if the same code has scored the same rows before."""
    digest = hashlib.sha256(series.values.tobytes() + name.encode() + code).hexdigest()[:16]
    path = BUILD / "scores" / f"{digest}.npy"
    if path.exists():
        return np.load(path)
    scores = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{digest}.{os.getpid()}.npy")
    np.save(partial, scores)
    partial.rename(path)
    return scores


def judge(task):
    """(name, group, series, measures, seconds) of one detector on one series."""
    binary, name, series, is_multivariate = task
    started = time.monotonic()
    ours = OURS_MULTIVARIATE if is_multivariate else OURS_UNIVARIATE
    if name in series.given:
        scores = series.given[name]
    elif name in ours:
        options = ours[name] + (["--kind", "sum"] if series.counts and ours[name] else [])
        scores = streaming.tidewatch(binary, series.times, series.values, options)
    else:
        others = (streaming.multivariate if is_multivariate else streaming.univariate)(BUILD)
        code = pathlib.Path(streaming.__file__).read_bytes()
        scores = kept(name + str(is_multivariate), series, code, lambda: others[name](series.values))
    return name, series.group, series.name, measure(series, scores), time.monotonic() - started


def run(binary, title, all_series, is_multivariate, quick):
    unlabelled = [s.name for s in all_series if s.episodes == 0]
    all_series = [s for s in all_series if s.episodes]
    names = list(OURS_MULTIVARIATE if is_multivariate else OURS_UNIVARIATE)
    names += [n for n in (streaming.multivariate if is_multivariate else streaming.univariate)(BUILD)
              if not quick or n not in SLOW]
    names += sorted({name for s in all_series for name in s.given})
    tasks = [(binary, name, s, is_multivariate) for name in names for s in all_series
             if name in s.given or not any(name in other.given for other in all_series)]
    tasks.sort(key=lambda task: (task[1] not in SLOW, -task[2].values.size))
    results = []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(judge, tasks):
            results.append(result)
            if sys.stderr.isatty():
                print(f"\r{len(results)} of {len(tasks)}", end="", file=sys.stderr, flush=True)
    print_table(title, all_series, names, results, unlabelled)


def spread(values):
    return f"{statistics.mean(values):.3f}" + (f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else "")


def print_table(title, all_series, names, results, unlabelled):
    groups = list(dict.fromkeys(s.group for s in all_series))
    print(f"\n{title}\n")
    for group in groups:
        members = [s for s in all_series if s.group == group]
        print(f"- {group}: {len(members)} series, {sum(len(s.values) for s in members):,} rows of "
              f"{members[0].values.shape[1]} columns, {sum(s.episodes for s in members)} labelled episodes, "
              f"{sum(int(s.scored_labels.sum()) for s in members):,} labelled rows")
    if unlabelled:
        print(f"- left out, since no label is after the part that is only learnt: {', '.join(unlabelled)}")
    everywhere = ["VUS-PR, all"] if len(groups) > 1 else []
    print("\n| detector | " + " | ".join([f"VUS-PR, {g}" for g in groups] + everywhere + MEASURES[1:]) + " |")
    print("|---" * (1 + len(groups) + len(everywhere) + len(MEASURES) - 1) + "|")
    for name in names:
        mine = [r for r in results if r[0] == name]
        cells = []
        for group in groups:
            values = [r[3][0] for r in mine if r[1] == group]
            cells.append(spread(values) if values else "")
        whole = len(mine) == len(all_series)
        if everywhere:
            cells.append(spread([r[3][0] for r in mine]) if whole else "")
        cells += [f"{statistics.mean(r[3][i] for r in mine):.3f}" if whole else "" for i in (1, 2)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print(f"\nby series, VUS-PR: {', '.join(names)}\n")
    for s in all_series:
        by_name = {r[0]: r[3][0] for r in results if r[2] == s.name}
        print(f"- {s.name}: " + ", ".join(f"{by_name[n]:.2f}" if n in by_name else "-" for n in names))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=["univariate", "multivariate"])
    args = parser.parse_args()
    if args.only != "multivariate":
        run(args.binary, "one value", labelled.univariate(BUILD), False, args.quick)
    if args.only != "univariate":
        run(args.binary, "several values", labelled.multivariate(BUILD), True, args.quick)


if __name__ == "__main__":
    main()
