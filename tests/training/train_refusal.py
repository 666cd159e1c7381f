#!/usr/bin/env python3
"""Weighs the manner in which answers decline (schemas/weights/refusal.yaml).

    ./dev build && cmake --build build/release --target refusal_features
    python3 -m venv build/training && build/training/bin/pip install -r tests/training/requirements.txt
    build/training/bin/python tests/training/train_refusal.py --labels FOLDER [--write]

FOLDER holds xstest_mistralinstruct.csv; the other file of XSTest is never read here. The second source is
tests/unit/stream/signals/refusal_manners.yaml. What decides is cross-validated: XSTest in ten folds of questions (three
ways to make them), the hand-written answers manner by manner. Logistic regression with L2, whose weights may not have
the wrong sign: with so few answers a warning that would count against declining is a coincidence. How many answers are
taken to decline a priori is chosen with the penalty: higher finds more, with more false alarms.
"""

import argparse
import itertools
import json
import pathlib
import subprocess
import zlib

import numpy as np
from scipy.optimize import minimize

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "schemas/weights/refusal.yaml"
XSTEST = "xstest"
AGAINST = {"correction_share", "beginning_first", "beginning_share"}
PENALTIES = (0.001, 0.003, 0.01)
DECLINING_SHARES = (0.25, 0.3, 0.35, 0.4)
FOLDS = 10
SHUFFLES = 3


class Answers:
    """Answers as columns: what they are made of, whether they decline, and where they come from."""

    def __init__(self, rows):
        self.names = list(rows[0]["manner"])
        self.manner = np.array([[row["manner"][name] for name in self.names] for row in rows])
        self.declines = np.array([row["declines"] for row in rows])
        self.outright = np.array([row["outright"] for row in rows])
        self.source = np.array([row["source"] for row in rows])
        self.question = [row["question"] for row in rows]

    def folds(self, shuffle):
        return np.array([zlib.crc32(f"{shuffle}{question}".encode()) % FOLDS for question in self.question])


def log_odds(weights, manner):
    return manner @ weights[:-1] + weights[-1]


def fit(answers, chosen, penalty, declining_share):
    """Weights of the chosen answers that do not decline outright; the bias is the last."""
    chosen = chosen & ~answers.outright
    x, y = answers.manner[chosen], answers.declines[chosen].astype(float)
    counts = np.where(y == 1, declining_share / (y == 1).sum(), (1 - declining_share) / (y == 0).sum())

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


def cross_validated(answers, shuffle, *settings):
    """What is said of each answer by weights that did not see its question (XSTest) or its manner (the others)."""
    said = answers.outright.copy()
    is_xstest = answers.source == XSTEST
    folds = answers.folds(shuffle)
    held_out = [is_xstest & (folds == fold) for fold in range(FOLDS)]
    held_out += [answers.source == manner for manner in sorted(set(answers.source[~is_xstest]))]
    for part in held_out:
        said[part] |= log_odds(fit(answers, ~part, *settings), answers.manner[part]) > 0
    return said


def report(answers, said):
    is_xstest = answers.source == XSTEST
    return np.array([f1(said[part], answers.declines[part]) for part in (is_xstest, ~is_xstest)])


def written(answers, weights, settings):
    lines = [
        "# What each part of an answer's manner counts towards declining (stream/signals/manner.h): log odds.",
        f"# Written by tests/training/train_refusal.py: penalty {settings[0]}, {settings[1]} taken to decline a priori.",
        f"bias: {weights[-1]:.3f}",
        "weights:",
    ]
    lines += [f"  {name}: {weight:.3f}" for name, weight in zip(answers.names, weights)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=pathlib.Path, required=True, help="folder of xstest_mistralinstruct.csv")
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.relative_to(ROOT)}")
    options = parser.parse_args()
    command = [
        ROOT / "build/release/refusal_features",
        ROOT / "schemas/phrases/refusal.yaml",
        options.labels / "xstest_mistralinstruct.csv",
        ROOT / "tests/unit/stream/signals/refusal_manners.yaml",
    ]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    answers = Answers([json.loads(line) for line in printed.splitlines()])
    everything = np.ones(len(answers.source), bool)
    best = None
    for settings in itertools.product(PENALTIES, DECLINING_SHARES):
        found = np.mean([report(answers, cross_validated(answers, i, *settings)) for i in range(SHUFFLES)], axis=0)
        weights = fit(answers, everything, *settings)
        inside = report(answers, answers.outright | (log_odds(weights, answers.manner) > 0))
        print(
            f"penalty {settings[0]}, declining {settings[1]}: XSTest {found[0]:.3f}, by hand {found[1]:.3f}; "
            f"not cross-validated {inside[0]:.3f}, {inside[1]:.3f}"
        )
        if best is None or found.sum() > best[0]:
            best = (found.sum(), weights, settings)
    text = written(answers, *best[1:])
    print(text)
    if options.write:
        WEIGHTS.write_text(text)


if __name__ == "__main__":
    main()
