"""Takes: seeded truths and predictions. Gives: data/model_selection/scores.json: scikit-learn's accuracies and F1 scores for one
and for several labels a row, and McNemar's exact test. May not touch: anything else."""
from fractions import Fraction
from math import comb

import numpy
import scipy.special
import scipy.stats
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_recall_fscore_support

from .writing import random, write_json

# A right and B wrong, A wrong and B right.
TABLES = [(0, 0), (1, 0), (0, 5), (10, 2), (2, 10), (7, 7), (8, 7), (25, 40), (60, 5), (400, 350)]
ROWS = 31
CLASSES = 5


def f1_scores(truth: numpy.ndarray, predicted: numpy.ndarray, **options: object) -> dict:
    average = lambda kind: float(f1_score(truth, predicted, average=kind, zero_division=0, **options))
    return {f"{kind}_f1": average(kind) for kind in ("micro", "macro", "weighted")}


def one_label() -> dict:
    """The last class has neither rows nor predictions: its F1 is 0, and it counts in the mean."""
    numbers = random("scores one label")
    truth = numbers.integers(CLASSES - 1, size=ROWS)
    predicted = numpy.where(numbers.random(ROWS) < 0.6, truth, numbers.integers(CLASSES - 1, size=ROWS))
    scores = {"accuracy": accuracy_score(truth, predicted), **f1_scores(truth, predicted, labels=range(CLASSES))}
    return {"classes": CLASSES, "truth": truth.tolist(), "predicted": predicted.tolist(), **scores}


def several_labels() -> dict:
    """Rows with no label at all, on either side, and a label that nobody has."""
    numbers = random("scores several labels")
    truth = numbers.random((ROWS, CLASSES)) < [0.5, 0.3, 0.1, 0.05, 0.0]
    predicted = truth ^ (numbers.random((ROWS, CLASSES)) < [0.2, 0.3, 0.1, 0.05, 0.0])
    indices = lambda table: [numpy.flatnonzero(row).tolist() for row in table]
    scores = {"subset_accuracy": accuracy_score(truth, predicted), **f1_scores(truth, predicted)}
    return {"classes": CLASSES, "truth": indices(truth), "predicted": indices(predicted), **scores}


def at_threshold(truth: numpy.ndarray, scores: numpy.ndarray, threshold: float) -> dict:
    predicted = scores >= threshold
    parts = zip(("precision", "recall", "f1", "support"), precision_recall_fscore_support(truth, predicted, zero_division=0))
    return {"threshold": threshold, "subset_accuracy": accuracy_score(truth, predicted), **f1_scores(truth, predicted),
            **{name: values.tolist() for name, values in parts}}


def several_scored(name: str, shift: float, noise: float) -> dict:
    """Logits of rows of several labels, in steps of a quarter so that many are equal; scikit-learn's scores at three
    thresholds, and at each that predicts other labels than the one before: of those with the highest micro F1 the one
    nearest to 0.5."""
    numbers = random(f"scores several scored {name}")
    truth = (numbers.random((ROWS, CLASSES)) < [0.5, 0.3, 0.2, 0.05, 0.0]).astype(int)
    logits = numpy.round(4 * (3 * truth - 1.5 + shift + noise * numbers.standard_normal((ROWS, CLASSES)))) / 4
    scores = scipy.special.expit(logits).astype(numpy.float32).astype(float)
    losses = [log_loss(truth[:, label], scipy.special.expit(logits[:, label]), labels=[0, 1]) for label in range(CLASSES)]
    edges = numpy.unique(numpy.concatenate([[0.0], scores.ravel()]))
    middles = [0.5 if low < 0.5 <= high else (low + high) / 2 for low, high in zip(edges, edges[1:])]
    micro = lambda threshold: float(f1_score(truth, scores >= threshold, average="micro", zero_division=0))
    best = max(middles, key=lambda threshold: (micro(threshold), -abs(threshold - 0.5)))
    return {"classes": CLASSES, "truth": [numpy.flatnonzero(row).tolist() for row in truth], "logits": logits.tolist(),
            "loss": float(numpy.mean(losses)), "at": [at_threshold(truth, scores, at) for at in (0.25, 0.5, 0.75)],
            "best_threshold": float(best), "best_micro_f1": micro(best)}


def mcnemar(b: int, c: int) -> float:
    """As statsmodels' mcnemar(exact=True): twice the binomial tail at 1/2, at most 1. Sums of whole numbers, so exact."""
    n, few = b + c, min(b, c)
    p = float(min(Fraction(2 * sum(comb(n, k) for k in range(few + 1)), 2**n), 1))
    assert n == 0 or abs(p - scipy.stats.binomtest(few, n, 0.5).pvalue) < 1e-9
    return p


def compared() -> dict:
    numbers = random("scores compared")
    truth = numbers.integers(3, size=ROWS)
    answers = [numpy.where(numbers.random(ROWS) < right, truth, numbers.integers(3, size=ROWS)) for right in (0.8, 0.3)]
    a, b = (answer == truth for answer in answers)
    table = int((a & ~b).sum()), int((~a & b).sum())
    return {"truth": truth.tolist(), "a": answers[0].tolist(), "b": answers[1].tolist(),
            "only_a_right": table[0], "only_b_right": table[1], "p": mcnemar(*table)}


def write_all() -> None:
    tables = [{"only_a_right": b, "only_b_right": c, "p": mcnemar(b, c)} for b, c in TABLES]
    write_json("model_selection/scores.json", {
        "one_label": one_label(), "several_labels": several_labels(), "mcnemar": tables, "compared": compared(),
        # Scores too low, too high, and so good that 0.5 is best.
        "several_scored": [several_scored("low", -1.0, 1.5), several_scored("high", 1.0, 1.5), several_scored("good", 0.0, 0.3)],
    })
