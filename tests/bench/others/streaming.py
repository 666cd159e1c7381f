"""Other packages' detectors, each as a function from values (rows × columns) to a score for each row.

One pass and causal for all: a row is scored before anything learns it. Settings are the packages' defaults or those of
their documented examples, the same for every series.
"""
import csv
import pathlib
import subprocess
import tempfile
import warnings

import numpy as np

SEED = 1
GAUSSIAN_WINDOW = 6400  # as in the Numenta benchmark's own windowed Gaussian
PAST_ROWS, REFIT_ROWS = 240, 30  # of PySAD's examples for batch detectors on a stream
SHINGLE = 4  # rrcf's example for streams
RCF_SHINGLE = 8  # of OpenSearch's anomaly detection, which runs this library


def quiet(values):
    """Scores without what a detector could not say."""
    return np.nan_to_num(np.asarray(values, float), nan=0.0, posinf=1e300, neginf=0.0)


def windowed_gaussian(values):
    """Distance from the mean of the window in standard deviations; the largest of the columns."""
    import pandas as pd
    past = pd.DataFrame(values).rolling(GAUSSIAN_WINDOW, min_periods=10)
    mean, deviation = past.mean().shift(1), past.std().shift(1)
    return quiet(((values - mean).abs() / deviation.clip(lower=1e-9)).max(axis=1))


def river_detector(make):
    def run(values):
        from river import preprocessing
        model = preprocessing.MinMaxScaler() | make()
        scores = np.zeros(len(values))
        for i, row in enumerate(values.tolist()):
            features = {str(column): value for column, value in enumerate(row)}
            scores[i] = model.score_one(features)
            model.learn_one(features)
        return quiet(scores)
    return run


def half_space_trees():
    from river import anomaly
    return anomaly.HalfSpaceTrees(seed=SEED)


def loda():
    from river import anomaly
    return anomaly.LODA(seed=SEED)


def robust_random_cut_forest(values):
    import rrcf
    random = np.random.RandomState(SEED)
    forest = [rrcf.RCTree(random_state=random.randint(2**31)) for _ in range(40)]
    scores = np.zeros(len(values))
    for index in range(SHINGLE - 1, len(values)):
        point = values[index - SHINGLE + 1:index + 1].ravel()
        for tree in forest:
            if len(tree.leaves) > 256:
                tree.forget_point(min(tree.leaves))
            tree.insert_point(point, index=index)
            scores[index] += tree.codisp(index)
    return quiet(scores)


def random_cut_forest(build, shingle):
    """AWS Random Cut Forest in Java; `build` is the folder that environment.sh made."""
    def run(values):
        with tempfile.TemporaryDirectory() as folder:
            given, scored = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
            np.savetxt(given, values, delimiter=",")
            subprocess.run(["java", "-Xmx1g", "-XX:+UseSerialGC", "-cp", f"{build}/rcf/lib/*:{build}/rcf/classes", "RcfScores", str(shingle),
                            str(SEED), given, scored], check=True, stdout=subprocess.DEVNULL)
            return quiet(np.loadtxt(scored))
    return run


def on_past_window(make, rows_at_once):
    """A batch detector of PyOD, fitted anew on the last PAST_ROWS rows every REFIT_ROWS rows."""
    def run(values):
        scores = np.zeros(len(values))
        for begin in range(REFIT_ROWS, len(values), REFIT_ROWS):
            past, coming = values[max(0, begin - PAST_ROWS):begin], values[begin:begin + REFIT_ROWS]
            if np.ptp(past) == 0:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                detector = make().fit(past)
                if rows_at_once:
                    found = detector.decision_function(coming)
                else:  # its scores depend on the other rows asked for
                    found = [detector.decision_function(coming[i:i + 1])[0] for i in range(len(coming))]
            scores[begin:begin + REFIT_ROWS] = found
        return quiet(scores)
    return run


def isolation_forest():
    from pyod.models.iforest import IForest
    return IForest(random_state=SEED)


def ecod():
    from pyod.models.ecod import ECOD
    return ECOD()


def principal_components():
    from pyod.models.pca import PCA
    return PCA(random_state=SEED)


def left_matrix_profile(values):
    """Distance of the newest subsequence from its nearest neighbour in the past: stumpy's stumpi."""
    import stumpy
    learnt = max(16, min(len(values) // 10, 500))
    length = max(4, min(50, learnt // 2))
    series = values[:, 0].astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stream = stumpy.stumpi(series[:learnt], m=length, egress=True) if len(series) > 20_000 else \
            stumpy.stumpi(series[:learnt], m=length, egress=False)
        scores = np.zeros(len(series))
        for i in range(learnt, len(series)):
            stream.update(series[i])
            scores[i] = stream.left_P_[-1]
    return quiet(scores)


def change_of_level(windows):
    """ADTK's PersistAD and LevelShiftAD: change of the median between two windows, and the factor `c` of the range
    between the quartiles of all changes before it at which the package would report it."""
    def run(values):
        import pandas as pd
        from adtk.transformer import DoubleRollingAggregate
        series = pd.Series(values[:, 0], index=pd.date_range("2024-01-01", periods=len(values), freq="5min"))
        change = DoubleRollingAggregate(agg="median", window=windows, center=False, diff="l1").transform(series)
        past = change.expanding(min_periods=10)
        low, high = past.quantile(0.25).shift(1), past.quantile(0.75).shift(1)
        return quiet(((change - high) / (high - low).clip(lower=1e-9)).clip(lower=0))
    return run


def random_scores(values):
    return np.random.default_rng(SEED).random(len(values))


def univariate(build):
    return {
        "river HalfSpaceTrees": river_detector(half_space_trees),
        "river LODA": river_detector(loda),
        "rrcf": robust_random_cut_forest,
        "AWS Random Cut Forest": random_cut_forest(build, RCF_SHINGLE),
        "PyOD IForest on the past": on_past_window(isolation_forest, True),
        "PyOD ECOD on the past": on_past_window(ecod, False),
        "stumpy stumpi": left_matrix_profile,
        "ADTK PersistAD": change_of_level((1, 1)),
        "ADTK LevelShiftAD": change_of_level((5, 5)),
        "windowed Gaussian": windowed_gaussian,
        "random scores": random_scores,
    }


def multivariate(build):
    return {
        "river HalfSpaceTrees": river_detector(half_space_trees),
        "river LODA": river_detector(loda),
        "AWS Random Cut Forest": random_cut_forest(build, 1),
        "PyOD IForest on the past": on_past_window(isolation_forest, True),
        "PyOD ECOD on the past": on_past_window(ecod, False),
        "PyOD PCA on the past": on_past_window(principal_components, True),
        "windowed Gaussian of each column": windowed_gaussian,
        "random scores": random_scores,
    }


def tidewatch(binary, times, values, options):
    """Surprise of each row by `tidewatch detect`."""
    with tempfile.TemporaryDirectory() as folder:
        given, scored = pathlib.Path(folder, "in.csv"), pathlib.Path(folder, "out.csv")
        with open(given, "w", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(["timestamp", *(f"value{i + 1}" for i in range(values.shape[1]))])
            writer.writerows([time, *map(repr, row)] for time, row in zip(times, values.tolist()))
        subprocess.run([binary, "detect", *options, "--input", given, "--output", scored], check=True,
                       stderr=subprocess.DEVNULL)
        with open(scored, newline="") as handle:
            return quiet([float(row["surprise"] or 0) for row in csv.DictReader(handle)])
