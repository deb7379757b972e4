"""Takes: seeds. Gives: model_selection/intervals.json: labels, predictions and losses of some rows, and the percentile bootstrap
intervals of their scores by scipy and scikit-learn; of the last set rows have several labels. May not touch: any other file."""
import numpy
import scipy.stats
import sklearn.metrics

from .writing import random, write_json

#: Many, so that the ends are hardly left to chance; bertlet draws 1,000.
RESAMPLES = 10_000
#: Rows, labels, share predicted right. Of the second's labels one has no rows.
SETS = [(60, 2, 0.8), (150, 4, 0.7), (400, 12, 0.9)]


def write_all() -> None:
    write_json("model_selection/intervals.json", [*(one(*sizes) for sizes in SETS), several(200, 5)])


def one(rows: int, labels: int, right: float) -> dict:
    draw = random(f"intervals {rows}")
    targets = draw.integers(0, labels - (labels == 4), rows)
    predicted = numpy.where(draw.random(rows) < right, targets, draw.integers(0, labels, rows))
    losses = draw.gamma(0.5, 1.0, rows).round(4)
    never = labels - len(numpy.union1d(targets, predicted))
    scores = {
        "accuracy": lambda at: numpy.mean(targets[at] == predicted[at]),
        "macro_f1": lambda at: macro_f1(targets[at], predicted[at], never),
        "loss": lambda at: numpy.mean(losses[at]),
    }
    found = {"labels": labels, "targets": targets.tolist(), "predicted": predicted.tolist(), "losses": losses.tolist()}
    return {**found, **scattered(rows, scores, draw)}


def macro_f1(targets, predicted, never: int) -> float:
    """Over the labels that occur, as scikit-learn has it, and those that no row has at all, whose F1 is 0."""
    occurring = len(numpy.union1d(targets, predicted))
    mean = sklearn.metrics.f1_score(targets, predicted, average="macro", zero_division=0)
    return mean * occurring / (occurring + never)


def several(rows: int, labels: int) -> dict:
    draw = random(f"intervals several {rows}")
    targets = draw.random((rows, labels)) < 0.3
    predicted = targets ^ (draw.random((rows, labels)) < 0.1)
    losses = draw.gamma(0.5, 1.0, rows).round(4)
    f1 = lambda kind: lambda at: sklearn.metrics.f1_score(targets[at], predicted[at], average=kind, zero_division=0)
    scores = {
        "accuracy": lambda at: sklearn.metrics.accuracy_score(targets[at], predicted[at]),
        "micro_f1": f1("micro"),
        "macro_f1": f1("macro"),
        "loss": lambda at: numpy.mean(losses[at]),
    }
    indices = lambda table: [numpy.flatnonzero(row).tolist() for row in table]
    found = {"labels": labels, "targets": indices(targets), "predicted": indices(predicted), "losses": losses.tolist()}
    return {**found, **scattered(rows, scores, draw)}


def scattered(rows: int, scores: dict, draw: numpy.random.Generator) -> dict:
    found = {}
    for name, score in scores.items():
        bootstrap = scipy.stats.bootstrap(
            (numpy.arange(rows),), score, vectorized=False, n_resamples=RESAMPLES, confidence_level=0.95,
            method="percentile", random_state=draw)
        found[name] = {"low": bootstrap.confidence_interval.low, "high": bootstrap.confidence_interval.high,
                       "standard_error": bootstrap.standard_error}
    return found
