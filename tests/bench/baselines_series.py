"""The series of baselines_bench.py on a regular grid, and those where faults of detectors/baseline were looked for."""
import gzip
import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

WARM_UP_DAYS = 8  # nothing is compared before: last week has to exist
EVALUATED_DAYS = 10  # at most, spread evenly over the rest, so that methods that are slow to fit stay affordable
CHOSEN_ON = ("realAWSCloudwatch", "realTweets")  # faults were looked for on these
COUNTS = ("nyc_taxi", "Twitter_volume")  # amounts per window: kind `sum`; the rest are values: `distribution`


@dataclass
class TimeSeries:
    name: str
    kind: str
    width_s: int
    values: pd.Series  # by window start; NaN: missing
    has_days: bool = True  # False: shorter than a day

    @property
    def per_day(self):
        return 86400 // self.width_s

    def blocks(self):
        """What is evaluated, in blocks before each of which the methods that are fitted are fitted anew: positions of
        their first and behind their last window. A block is a day, or ten minutes of what is shorter."""
        if not self.has_days:
            yield from ((begin, min(begin + 20, len(self.values))) for begin in range(40, len(self.values) - 1, 20))
            return
        day = self.values.index.normalize()
        all_days = day.unique()[WARM_UP_DAYS:]
        full = [d for d in all_days if self.values[day == d].notna().sum() >= 0.5 * self.per_day]
        if len(full) > EVALUATED_DAYS:
            full = [full[i] for i in np.linspace(0, len(full) - 1, EVALUATED_DAYS).round().astype(int)]
        for d in full:
            at = np.flatnonzero(day == d)
            yield at[0], at[-1] + 1


def nab_series(path, name):
    rows = pd.read_csv(path, index_col=0, parse_dates=True).iloc[:, 0]
    width = int(rows.index.to_series().diff().median().total_seconds())
    if width not in (300, 1800, 3600):
        width = 3600  # travel times are measured when somebody travels
    is_count = os.path.basename(name).startswith(COUNTS)
    grid = rows.resample(f"{width}s")
    return TimeSeries(name, "sum" if is_count else "distribution", width, grid.sum(min_count=1) if is_count else grid.mean())


def nab(shared):
    data = os.path.join(shared, "bench", "nab", "data")
    for folder in sorted(os.listdir(data)):
        if folder.startswith("real"):
            for file in sorted(os.listdir(os.path.join(data, folder))):
                yield nab_series(os.path.join(data, folder, file), f"{folder}/{file.removesuffix('.csv')}")


def llm_traffic(shared, width_s=30):
    """An hour of requests of two LLM services in windows of 30 s: too short for any season."""
    folder = os.path.join(shared, "samples", "traffic")
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".csv.gz"):
            continue
        with gzip.open(os.path.join(folder, file), "rt") as handle:
            rows = pd.read_csv(handle, index_col=0, parse_dates=True)
        grid = rows.resample(f"{width_s}s")
        name = file.removesuffix(".csv.gz")
        for label, kind, values in [("requests", "sum", grid.size().astype(float)),
                                    ("mean context tokens", "distribution", grid["ContextTokens"].mean())]:
            # The first and the last window are cut.
            yield TimeSeries(f"{name}, {label}", kind, width_s, values.iloc[1:-1], has_days=False)
