#!/usr/bin/env python3
"""Forecasts of detectors/baseline against Prophet, Holt-Winters and "same time last week" on the same real series.

Usage: baselines_bench.py BINARY [--plots FOLDER]

BINARY is built from baselines_bench.cc. The series are those of TIDEWATCH_SHARED (bench/nab/data/real*, and the LLM
traffic of samples/traffic). Everything is walk-forward: a forecast is made from earlier values alone. What other
methods say is kept beside the virtual environment, so that only Tidewatch's part is computed again.
"""
import argparse
import os
import pickle
import subprocess
import sys
import time

import numpy as np

import baselines_methods as methods
import baselines_series

ALPHA = 0.05
OURS_NEXT, OURS_DAY = "Tidewatch, next window", "Tidewatch, day ahead"
REFERENCE = "same time last week"
MEAN = "mean so far"
HOLIDAYS = ["2014-07-04", "2014-09-01", "2014-11-27", "2014-12-25", "2015-01-01"]  # New York's, on working days


def interval_score(values, low, high):
    """Gneiting & Raftery 2007: width, and 2/alpha times the distance of what lies outside."""
    return (high - low) + 2 / ALPHA * (np.maximum(low - values, 0) + np.maximum(values - high, 0))


def ours(binary, series, holidays=()):
    epoch = series.values.index.as_unit("s").asi8
    lines = "".join(f"{t},{'' if np.isnan(v) else repr(float(v))}\n" for t, v in zip(epoch, series.values.to_numpy()))
    out = subprocess.run([binary, series.kind, str(series.width_s), *holidays], input=lines, text=True, check=True,
                         capture_output=True).stdout.splitlines()
    table = np.array([[float(x) if x else np.nan for x in row.split(",")] for row in out[:-1]])
    cost_s = float(out[-1].split(",")[1]) * 1e-9 * series.per_day
    made = {}
    for name, first in ((OURS_NEXT, 0), (OURS_DAY, 3)):
        made[name] = methods.Forecasts(len(table))
        made[name].put(slice(None), *table[:, first:first + 3].T)
        made[name].cost_s, made[name].days = cost_s, 1
    return made


def others(series):
    started = time.time()
    winters = methods.HoltWinters(series)
    if not series.has_days:
        return {"last value": methods.last_value(series), MEAN: methods.mean_so_far(series),
                "Holt's damped trend, next window": winters.next,
                "Prophet, ten minutes ahead": methods.prophet(series)}
    made = {"last value": methods.last_value(series), "Holt-Winters, next window": winters.next,
            REFERENCE: methods.last_week(series), "Holt-Winters, day ahead": winters.day,
            "Prophet, day ahead": methods.prophet(series)}
    print(f"{series.name}: {time.time() - started:.0f} s", file=sys.stderr, flush=True)
    return made


def remembered(folder, series):
    path = os.path.join(folder, series.name.replace("/", "_") + ".pickle")
    if os.path.exists(path):
        with open(path, "rb") as handle:
            return pickle.load(handle)
    made = others(series)
    os.makedirs(folder, exist_ok=True)
    with open(path, "wb") as handle:
        pickle.dump(made, handle)
    return made


def measure(series, made):
    """By method: mean absolute error, interval score, coverage, width, cost; on the windows that all can forecast."""
    values = series.values.to_numpy()
    at = np.concatenate([np.arange(begin, end) for begin, end in series.blocks()])
    for forecasts in (values, *(m.expected for m in made.values())):
        at = at[np.isfinite(forecasts[at])]
    seen = values[at]
    out = {}
    for name, m in made.items():
        expected, low, high = m.expected[at], m.low[at], m.high[at]
        out[name] = {"error": np.mean(np.abs(seen - expected)), "score": np.mean(interval_score(seen, low, high)),
                     "coverage": np.mean((low <= seen) & (seen <= high)), "width": np.mean(high - low),
                     "cost": m.cost_s / m.days}
    return out


def geometric_mean(ratios):
    return float(np.exp(np.mean(np.log(np.maximum(ratios, 1e-9)))))


def print_table(title, results, reference=REFERENCE):
    """Ratios to the reference, geometric mean over series: less is better."""
    print(f"\n{title}: {len(results)} series\n")
    print("| method | error | interval score | coverage of 95 % | width | of single series | processor time a series-day |")
    print("|---|---|---|---|---|---|---|")
    for name in next(iter(results.values())):
        rows = [(r[name], r[reference]) for r in results.values()]
        cells = [geometric_mean([a[k] / b[k] for a, b in rows]) for k in ("error", "score", "width")]
        covered = [a["coverage"] for a, _ in rows]
        cost = geometric_mean([a["cost"] for a, _ in rows])
        print(f"| {name} | {cells[0]:.2f} | {cells[1]:.2f} | {100 * np.mean(covered):.1f} % | {cells[2]:.2f} "
              f"| {100 * min(covered):.0f} to {100 * max(covered):.0f} % | {1e3 * cost:.3g} ms |")


def print_each(results):
    names = list(next(iter(results.values())))
    print("\nError by series, relative to the same time last week (coverage in brackets)\n")
    print("| series | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    for series, r in results.items():
        print(f"| {series} | " + " | ".join(f"{r[n]['error'] / r[REFERENCE]['error']:.2f} ({100 * r[n]['coverage']:.0f})"
                                            for n in names) + " |")


def print_holidays(binary, series):
    """How far off the forecasts of holidays are without and with `holidays`, and of the days after them."""
    print("\nHolidays of nyc_taxi: mean absolute error of the day-ahead forecast, passengers by half hour "
          "(share of windows inside of the interval)\n")
    print("| day | without `holidays` | with |\n|---|---|---|")
    values, day = series.values.to_numpy(), series.values.index.normalize()
    both = [ours(binary, series, holidays)[OURS_DAY] for holidays in ((), HOLIDAYS)]
    for date in HOLIDAYS:
        at = np.flatnonzero(day == date)
        print(f"| {date} | " + " | ".join(
            f"{np.mean(np.abs(values[at] - m.expected[at])):.0f} "
            f"({100 * np.mean((m.low[at] <= values[at]) & (values[at] <= m.high[at])):.0f} %)" for m in both) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--plots", help="folder for the picture of docs/baselines.md")
    parser.add_argument("--each", action="store_true", help="every series by itself, too")
    arguments = parser.parse_args()
    shared = os.environ["TIDEWATCH_SHARED"]
    cache = os.path.join(sys.prefix, "forecasts")
    results, kept = {}, {}
    for series in baselines_series.nab(shared):
        made = ours(arguments.binary, series) | remembered(cache, series)
        results[series.name] = measure(series, made)
        kept[series.name] = series, made
    chosen = {n: r for n, r in results.items() if n.startswith(baselines_series.CHOSEN_ON)}
    rest = {n: r for n, r in results.items() if n not in chosen}
    print_table("Series that were not looked into (but their figures were seen)", rest)
    print_table("Series where faults were looked for", chosen)
    if arguments.each:
        print_each(results)
    short = {}
    for series in baselines_series.llm_traffic(shared):
        made = ours(arguments.binary, series) | remembered(cache, series)
        del made[OURS_DAY]
        short[series.name] = measure(series, made)
    print_table("An hour of LLM traffic, windows of 30 s", short, MEAN)
    taxi, made = kept["realKnownCause/nyc_taxi"]
    print_holidays(arguments.binary, taxi)
    if arguments.plots:
        import baselines_plot
        baselines_plot.draw(arguments.plots, taxi, made)


if __name__ == "__main__":
    main()
