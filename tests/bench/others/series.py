"""Labelled public series that come inside packages: a few univariate ones, a few multivariate ones.

Nothing is downloaded when a benchmark runs: Python packages of data_requirements.txt, aeon, river, and Debian's
r-cran-surveillance bring the files. `Series.source` names the package, docs/benchmarks.md the licences.
"""
import csv
import dataclasses
import datetime
import gzip
import importlib.util
import pathlib
import subprocess

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
OUTBREAKS = ["h1_nrwrp", "k1", "m1", "m2", "m3", "m4", "m5", "n1", "n2", "q1_nrwh", "q2", "s1", "s2", "s3"]
FAULTS = range(1, 22)
LEARNT_FIRST = 0.1  # of a series, at most LEARNT_FIRST_ROWS: not scored
LEARNT_FIRST_ROWS = 500
SHUTTLE_ROWS = 10_000  # of 49,097


@dataclasses.dataclass
class Series:
    name: str
    group: str
    source: str
    times: list[str]
    values: np.ndarray  # rows × columns
    labels: np.ndarray  # 0 or 1 for each row
    scored_from: int  # first row that counts
    counts: bool = False  # weekly numbers of cases
    given: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)  # scores that the package itself computes

    @property
    def scored_labels(self):
        return self.labels[self.scored_from:]

    @property
    def episodes(self):
        labels = self.scored_labels
        return int(np.sum(np.diff(np.r_[0, labels]) == 1))


def package_folder(name):
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise SystemExit(f"package {name} is not installed: tests/bench/others/environment.sh")
    return pathlib.Path(spec.submodule_search_locations[0])


def every(minutes, rows):
    start = datetime.datetime(2024, 1, 1)
    return [(start + i * datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S") for i in range(rows)]


def first_scored(rows):
    return min(int(LEARNT_FIRST * rows), LEARNT_FIRST_ROWS)


def read_columns(path):
    with open(path, newline="") as handle:
        rows = list(csv.reader(handle))
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}


def numbers(cells):
    return np.array([float(cell) for cell in cells])


def outbreak_folder(cache):
    """Exports the series of the R package once."""
    folder = cache / "outbreaks"
    if not (folder / "ha.csv").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["Rscript", HERE / "export_outbreaks.R", folder], check=True)
    return folder


def outbreaks(cache):
    for name in OUTBREAKS:
        columns = read_columns(outbreak_folder(cache) / f"{name}.csv")
        given = {"EARS C1 (surveillance)": numbers(columns["ears"]), "Bayes 1 (surveillance)": numbers(columns["bayes"])}
        yield Series(f"RKI {name}", "outbreaks", "r-cran-surveillance", columns["time"],
                     numbers(columns["value1"])[:, None], numbers(columns["label"]).astype(int),
                     first_scored(len(columns["time"])), counts=True, given=given)


def simple(name, source, values, labels, times=None, scored_from=None):
    rows = len(values)
    return Series(name, "sensors", source, times or every(5, rows), values[:, None], labels.astype(int),
                  first_scored(rows) if scored_from is None else scored_from)


def sensors():
    data = package_folder("sktime") / "datasets" / "data"
    for name, path in (("Yahoo S5", "yahoo/yahoo.csv"), ("MIT-BIH heart", "mitdb/mitdb.csv")):
        columns = read_columns(data / path)
        yield simple(name, "sktime", numbers(columns["data"]), numbers(columns["label"]))
    columns = read_columns(data / "seatbelts" / "seatbelts.csv")
    yield simple("seat belts", "sktime", numbers(columns["KSI"]), numbers(columns["label"]), columns[""])
    columns = read_columns(package_folder("streamad") / "util" / "data" / "uniDS.csv")
    yield simple("Yahoo S5 A4", "streamad", numbers(columns["value"]), numbers(columns["label"]), columns["timestamp"])
    data = package_folder("aeon") / "datasets" / "data"
    train = read_columns(data / "KDD-TSAD_135" / "135_UCR_Anomaly_InternalBleeding16_TRAIN.csv")
    test = read_columns(data / "KDD-TSAD_135" / "135_UCR_Anomaly_InternalBleeding16_TEST.csv")
    values = np.concatenate([numbers(train["value"]), numbers(test["value"])])
    labels = np.concatenate([np.zeros(len(train["value"])), numbers(test["is_anomaly"])])
    yield simple("UCR 135 blood pressure", "aeon", values, labels, scored_from=len(train["value"]))
    columns = read_columns(data / "UnitTest" / "ecg-diff-count-3_TEST.csv")
    yield simple("GutenTAG ECG", "aeon", numbers(columns["value-0"]), numbers(columns["is_anomaly"]))


def univariate(cache):
    return [*outbreaks(cache), *sensors()]


def process_faults():
    """Tennessee Eastman: 500 rows of the training run, 960 of the normal test run (scored), 160 normal rows and 800
    rows of a fault. Every third minute, 52 variables."""
    data = package_folder("bibmon") / "tennessee_eastman"
    past = np.loadtxt(data / "d00.dat")
    past = past.T if past.shape[0] == 52 else past
    normal = np.loadtxt(data / "d00_te.dat")
    for fault in FAULTS:
        run = np.loadtxt(data / f"d{fault:02}_te.dat")
        values = np.concatenate([past, normal, run])
        labels = np.zeros(len(values), int)
        labels[len(past) + len(normal) + 160:] = 1
        yield Series(f"fault {fault}", "Tennessee Eastman", "bibmon", every(3, len(values)), values, labels, len(past))


def shuttle():
    with gzip.open(package_folder("river") / "datasets" / "shuttle.csv.gz", "rt") as handle:
        rows = np.loadtxt(handle, delimiter=",", skiprows=1, max_rows=SHUTTLE_ROWS)
    return Series("shuttle", "Shuttle", "river", every(5, len(rows)), rows[:, :-1], rows[:, -1].astype(int),
                  first_scored(len(rows)))


def districts(cache):
    columns = read_columns(outbreak_folder(cache) / "ha.csv")
    values = np.column_stack([numbers(columns[f"value{i + 1}"]) for i in range(12)])
    return Series("hepatitis A in 12 districts of Berlin", "Hepatitis A", "r-cran-surveillance", columns["time"], values,
                  numbers(columns["label"]).astype(int), first_scored(len(values)), counts=True)


def multivariate(cache):
    return [*process_faults(), shuttle(), districts(cache)]
