#!/usr/bin/env python3
"""Weighs the evidence against claims (schemas/weights/groundedness.yaml).

    ./dev build && cmake --build build/release --target groundedness_features
    python3 -m venv build/training && build/training/bin/pip install -r tests/training/requirements.txt
    build/training/bin/python tests/training/train_groundedness.py --labels FOLDER [--write]

FOLDER holds halueval_qa.jsonl; half of its questions (by hash) are read, the others are what `./dev bench quality`
reports on. HaluEval's invented answers are longer than its right ones (length alone tells most of them), which no
weight may learn: answers are weighed so that both labels have the same mean log length (overlap weights; Li, Morgan &
Zaslavsky, JASA 2018). Logistic regression with L2; no weight may speak for a claim. HaluEval's invented answers hardly
ever turn a statement round, so it cannot say what such cues are worth: their weights are drawn towards a prior set by
hand instead of 0. Of an answer with several claims the one that its weights suspect most counts, found anew each round.
The penalty is chosen by cross-validation in ten folds of questions, by log loss.
"""

import argparse
import json
import pathlib
import subprocess
import zlib

import numpy as np
from scipy.optimize import minimize

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "schemas/weights/groundedness.yaml"
PENALTIES = (0.001, 0.003, 0.01, 0.03, 0.1)
PRIOR = {"missing_numbers": 1.0, "denied": 1.5, "opposed": 1.5, "other_number": 1.0}
FOLDS = 10
SHUFFLES = 3
ROUNDS = 3


class Answers:
    """Answers that claim something: their claims' evidence, whether they are invented, and how long they are."""

    def __init__(self, rows):
        rows = [row for row in rows if row["claims"]]
        self.names = list(rows[0]["claims"][0])
        self.claims = [np.array([[claim[name] for name in self.names] for claim in row["claims"]]) for row in rows]
        self.invented = np.array([row["invented"] for row in rows])
        self.words = np.array([row["words"] for row in rows])
        self.question = [row["question"] for row in rows]

    def folds(self, shuffle):
        return np.array([zlib.crc32(f"{shuffle}{question}".encode()) % FOLDS for question in self.question])

    def worst(self, weights):
        """Of each answer the evidence that the weights suspect most."""
        return np.array([claims[np.argmax(claims @ weights[:-1])] for claims in self.claims])


def logistic(x, y, mass, penalty=0.0, prior=0.0, bounds=None):
    """The bias is the last weight."""

    def loss_and_gradient(weights):
        z = x @ weights[:-1] + weights[-1]
        residual = mass * (1 / (1 + np.exp(-z)) - y)
        away = weights[:-1] - prior
        loss = (mass * (np.logaddexp(0, z) - y * z)).sum() + penalty * (away**2).sum() / 2
        return loss, np.append(x.T @ residual + penalty * away, residual.sum())

    return minimize(loss_and_gradient, np.zeros(x.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B").x


def balanced(invented, words):
    """Overlap weights on log length, adding up to one half for each label."""
    length = np.log(words)[:, None]
    y = invented.astype(float)
    weights = logistic(length, y, np.full(len(y), 1 / len(y)))
    propensity = 1 / (1 + np.exp(-(length @ weights[:-1] + weights[-1])))
    mass = np.where(invented, 1 - propensity, propensity)
    return np.where(invented, mass / mass[invented].sum(), mass / mass[~invented].sum()) / 2


def fit(answers, chosen, penalty):
    y = answers.invented[chosen].astype(float)
    mass = balanced(answers.invented[chosen], answers.words[chosen])
    bounds = [(0, None)] * len(answers.names) + [(None, None)]
    prior = np.array([PRIOR.get(name, 0.0) for name in answers.names])
    weights = np.ones(len(answers.names) + 1)
    for _ in range(ROUNDS):
        weights = logistic(answers.worst(weights)[chosen], y, mass, penalty, prior, bounds)
    return weights


def auc(invented, score):
    """And how many pairs it is made of."""
    difference = score[invented][:, None] - score[~invented][None, :]
    return ((difference > 0) + (difference == 0) / 2).sum(), difference.size


def auc_of_equal_length(answers, score):
    parts = [auc(answers.invented[part], score[part]) for part in (answers.words == n for n in set(answers.words))]
    return sum(wins for wins, _ in parts) / sum(pairs for _, pairs in parts)


def cross_validated(answers, shuffle, penalty):
    """Log loss, AUC, AUC among answers of equal length."""
    score = np.zeros(len(answers.invented))
    folds = answers.folds(shuffle)
    for fold in range(FOLDS):
        weights = fit(answers, folds != fold, penalty)
        held_out = folds == fold
        score[held_out] = (answers.worst(weights) @ weights[:-1] + weights[-1])[held_out]
    loss = (balanced(answers.invented, answers.words) * (np.logaddexp(0, score) - answers.invented * score)).sum()
    wins, pairs = auc(answers.invented, score)
    return loss, wins / pairs, auc_of_equal_length(answers, score)


def written(answers, weights, penalty):
    lines = [
        "# What each part of the evidence against a claim counts (stream/evaluate/hallucination/claim_evidence.h): log odds.",
        f"# Written by tests/training/train_groundedness.py: penalty {penalty}.",
        f"bias: {weights[-1]:.3f}",
        "weights:",
    ]
    lines += [f"  {name}: {weight:.3f}" for name, weight in zip(answers.names, weights)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=pathlib.Path, required=True, help="folder of halueval_qa.jsonl")
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.relative_to(ROOT)}")
    options = parser.parse_args()
    command = [ROOT / "build/release/groundedness_features", options.labels / "halueval_qa.jsonl"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in printed.splitlines()]
    answers = Answers(rows)
    print(f"{len(rows)} answers, {len(answers.invented)} that claim something, {answers.invented.sum()} of them invented")
    wins, pairs = auc(answers.invented, answers.words)
    print(f"length alone: AUC {wins / pairs:.3f}")
    for i, name in enumerate(answers.names):
        score = np.array([claims[:, i].max() for claims in answers.claims])
        wins, pairs = auc(answers.invented, score)
        print(f"{name} alone: AUC {wins / pairs:.3f}, of equal length {auc_of_equal_length(answers, score):.3f}")
    everything = np.ones(len(answers.invented), bool)
    best = None
    for penalty in PENALTIES:
        found = np.mean([cross_validated(answers, i, penalty) for i in range(SHUFFLES)], axis=0)
        print(f"penalty {penalty}: log loss {found[0]:.4f}, AUC {found[1]:.3f}, of equal length {found[2]:.3f}")
        if best is None or found[0] < best[0]:
            best = (found[0], penalty)
    text = written(answers, fit(answers, everything, best[1]), best[1])
    print(text)
    if options.write:
        WEIGHTS.write_text(text)


if __name__ == "__main__":
    main()
