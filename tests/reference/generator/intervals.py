"""Takes: seeds. Gives: choosing/intervals.json: labels, predictions and losses of some rows, and the percentile bootstrap
intervals of their scores by scipy and scikit-learn. May not touch: any other file."""
import numpy
import scipy.stats
import sklearn.metrics

from .writing import random, write_json

#: Many, so that the ends are hardly left to chance; bertlet draws 1,000.
RESAMPLES = 10_000
#: Rows, labels, share predicted right. Of the second's labels one has no rows.
SETS = [(60, 2, 0.8), (150, 4, 0.7), (400, 12, 0.9)]


def write_all() -> None:
    write_json("choosing/intervals.json", [one(*sizes) for sizes in SETS])


def one(rows: int, labels: int, right: float) -> dict:
    draw = random(f"intervals {rows}")
    targets = draw.integers(0, labels - (labels == 4), rows)
    predicted = numpy.where(draw.random(rows) < right, targets, draw.integers(0, labels, rows))
    losses = draw.gamma(0.5, 1.0, rows).round(4)
    scores = {
        "accuracy": lambda at: numpy.mean(targets[at] == predicted[at]),
        "macro_f1": lambda at: sklearn.metrics.f1_score(
            targets[at], predicted[at], labels=range(labels), average="macro", zero_division=0),
        "loss": lambda at: numpy.mean(losses[at]),
    }
    found = {"labels": labels, "targets": targets.tolist(), "predicted": predicted.tolist(), "losses": losses.tolist()}
    for name, score in scores.items():
        bootstrap = scipy.stats.bootstrap(
            (numpy.arange(rows),), score, vectorized=False, n_resamples=RESAMPLES, confidence_level=0.95,
            method="percentile", random_state=draw)
        found[name] = {"low": bootstrap.confidence_interval.low, "high": bootstrap.confidence_interval.high,
                       "standard_error": bootstrap.standard_error}
    return found
