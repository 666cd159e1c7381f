#!/usr/bin/env python3
"""Weighs the manner in which answers decline (schemas/weights/refusal.yaml).

    ./dev build && cmake --build build/release --target refusal_features
    python3 -m venv build/training && build/training/bin/pip install -r tests/training/requirements.txt
    build/training/bin/python tests/training/train_refusal.py --labels FOLDER [--write]

FOLDER holds xstest_llama2orig.csv; the other file of XSTest is never read here. The second source is
tests/unit/stream/signals/refusal_styles.yaml. What decides is cross-validated: XSTest in five folds of questions, the
hand-written answers style by style. Logistic regression with L2, whose weights may not have the wrong sign: with so few
answers a warning that would count against declining is a coincidence.
"""

import argparse
import json
import pathlib
import subprocess
import zlib

import numpy as np
from scipy.optimize import minimize

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "schemas/weights/refusal.yaml"
XSTEST = "xstest"
STRIPPED = "xstest, stripped"  # the same answers without the sentences that decline outright
# A priori: how many answers decline that do not say so outright. Higher finds more, with more false alarms.
DECLINING_SHARE = 0.3
STRIPPED_WEIGHT = 0.1  # they are most of the answers, and of one model only
AGAINST = {"correction_first", "correction_share", "beginning_first", "beginning_later"}
PENALTIES = (0.001, 0.003, 0.01, 0.03)
FOLDS = 5


class Answers:
    """Answers as columns: what they are made of, whether they decline, and where they come from."""

    def __init__(self, rows):
        self.names = list(rows[0]["manner"])
        self.manner = np.array([[row["manner"][name] for name in self.names] for row in rows])
        self.declines = np.array([row["declines"] for row in rows])
        self.outright = np.array([row["outright"] for row in rows])
        self.source = np.array([row["source"] for row in rows])
        self.fold = np.array([zlib.crc32(row["question"].encode()) % FOLDS for row in rows])


def log_odds(weights, manner):
    return manner @ weights[:-1] + weights[-1]


def fit(answers, chosen, penalty):
    """Weights of the chosen answers that do not decline outright; the bias is the last."""
    chosen = chosen & ~answers.outright
    x, y = answers.manner[chosen], answers.declines[chosen].astype(float)
    counts = np.where(answers.source[chosen] == STRIPPED, STRIPPED_WEIGHT, 1.0)
    for label, share in ((1, DECLINING_SHARE), (0, 1 - DECLINING_SHARE)):
        counts[y == label] *= share / counts[y == label].sum()

    def loss_and_gradient(weights):
        z = log_odds(weights, x)
        residual = counts * (1 / (1 + np.exp(-z)) - y)
        loss = (counts * (np.logaddexp(0, z) - y * z)).sum() + penalty * (weights[:-1] ** 2).sum() / 2
        return loss, np.append(x.T @ residual + penalty * weights[:-1], residual.sum())

    bounds = [(None, 0) if name in AGAINST else (0, None) for name in answers.names] + [(None, None)]
    start = np.zeros(len(bounds))
    return minimize(loss_and_gradient, start, jac=True, bounds=bounds, method="L-BFGS-B").x


def f1(said, declines):
    hits = (said & declines).sum()
    return 2 * hits / max(1, said.sum() + declines.sum())


def cross_validated(answers, penalty):
    """What is said of each answer by weights that did not see its question (XSTest) or its style (the others)."""
    said = answers.outright.copy()
    is_xstest = np.isin(answers.source, [XSTEST, STRIPPED])
    held_out = [is_xstest & (answers.fold == fold) for fold in range(FOLDS)]
    held_out += [answers.source == style for style in sorted(set(answers.source[~is_xstest]))]
    for part in held_out:
        said[part] |= log_odds(fit(answers, ~part, penalty), answers.manner[part]) > 0
    return said


def report(answers, said):
    parts = {source: answers.source == source for source in dict.fromkeys(answers.source)}
    parts["styles together"] = ~np.isin(answers.source, [XSTEST, STRIPPED])
    return {name: f1(said[part], answers.declines[part]) for name, part in parts.items()}


def written(answers, weights, penalty):
    lines = [
        "# What each part of an answer's manner counts towards declining (stream/signals/manner.h): log odds.",
        f"# Written by tests/training/train_refusal.py, penalty {penalty}.",
        f"bias: {weights[-1]:.3f}",
        "weights:",
    ]
    lines += [f"  {name}: {weight:.3f}" for name, weight in zip(answers.names, weights)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=pathlib.Path, required=True, help="folder of xstest_llama2orig.csv")
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.relative_to(ROOT)}")
    options = parser.parse_args()
    command = [
        ROOT / "build/release/refusal_features",
        ROOT / "schemas/phrases/refusal.yaml",
        options.labels / "xstest_llama2orig.csv",
        ROOT / "tests/unit/stream/signals/refusal_styles.yaml",
    ]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in printed.splitlines()]
    answers = Answers([row for row in rows if not row["source"].endswith("stripped") or row["source"] == STRIPPED])
    best = None
    for penalty in PENALTIES:
        found = report(answers, cross_validated(answers, penalty))
        print(f"penalty {penalty}: " + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))
        score = found[XSTEST] + found["styles together"]
        if best is None or score > best[0]:
            best = (score, penalty)
    penalty = best[1]
    text = written(answers, fit(answers, np.ones(len(answers.fold), bool), penalty), penalty)
    print(text)
    if options.write:
        WEIGHTS.write_text(text)


if __name__ == "__main__":
    main()
