"""The picture of docs/baselines.md."""
import os

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as dates
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import baselines_methods
import baselines_series

SHOWN = ("2014-09-15", "2014-09-22")
PANELS = ("Tidewatch, next window", "Tidewatch, day ahead", "Prophet, day ahead")


class ShownWeek(baselines_series.TimeSeries):
    def blocks(self):
        day = self.values.index.normalize()
        for d in day[(day >= SHOWN[0]) & (day < SHOWN[1])].unique():
            at = np.flatnonzero(day == d)
            yield at[0], at[-1] + 1


def draw(folder, series, made):
    """A week of nyc_taxi: what was seen, expected, and the 95 % interval."""
    made = made | {PANELS[2]: baselines_methods.prophet(ShownWeek(**vars(series)))}
    at = (series.values.index >= SHOWN[0]) & (series.values.index < SHOWN[1])
    time = series.values.index[at]
    figure, axes = plt.subplots(len(PANELS), 1, figsize=(8, 6.5), sharex=True, sharey=True, layout="constrained")
    for axis, name in zip(axes, PANELS):
        m = made[name]
        axis.fill_between(time, m.low[at] / 1e3, m.high[at] / 1e3, color="#9ecae1", linewidth=0, label="95 % interval")
        axis.plot(time, m.expected[at] / 1e3, color="#08519c", linewidth=1, label="expected")
        axis.plot(time, series.values[at] / 1e3, color="#d94801", linewidth=0.8, label="seen")
        axis.set_title(name, loc="left", fontsize=10)
        axis.set_ylabel("thousand passengers\nby half hour", fontsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(loc="upper right", ncols=3, fontsize=8, frameon=False)
    axes[-1].xaxis.set_major_formatter(dates.DateFormatter("%a %d %b"))
    path = os.path.join(folder, "baselines.png")
    figure.savefig(path, dpi=90)
    Image.open(path).convert("RGB").quantize(24).save(path, optimize=True)  # a third of the size
