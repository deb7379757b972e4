"""Takes: the classifier and its rows. Gives: data/model_selection/RUN.json, 20 steps with gradient accumulation, class weights,
label smoothing and several labels a row. May not touch: the checkpoint."""
import numpy
import torch
from sklearn.utils.class_weight import compute_class_weight

from . import checkpoints, classifier, losses, method, training
from .writing import random, write_json

SMOOTHING = 0.1
# Batches that make an accumulated step.
ACCUMULATE = 2
# So many rows of each label, in file order: uneven, so that balanced weights are not all 1.
ROWS_KEPT = [8, 5, 2]


def uneven() -> list[int]:
    labels = [label for _, label in classifier.ROWS]
    return [i for i, label in enumerate(labels) if labels[:i].count(label) < ROWS_KEPT[label]]


def uneven_batches(rows: list[int]) -> list[list[int]]:
    numbers = random("choosing uneven")
    return [[rows[i] for i in numbers.permutation(len(rows))[: 4 + step % 5]] for step in range(method.STEPS * ACCUMULATE)]


def balanced(rows: list[int]) -> torch.Tensor:
    labels = [classifier.ROWS[i][1] for i in rows]
    weights = compute_class_weight("balanced", classes=numpy.arange(len(checkpoints.LABELS)), y=labels)
    # What f32 makes of them, and the JSON file too.
    return torch.from_numpy(weights).float().double()


def several_labels() -> list[list[int]]:
    """None, one or more labels a row."""
    numbers = random("choosing several labels")
    return [[i for i in range(len(checkpoints.LABELS)) if numbers.random() < 0.5] for _ in classifier.ROWS]


def joined(batches: list[list[int]]) -> list[list[int]]:
    """An accumulated step is the step of all its rows at once, which is what transformers' Trainer has come to (4.46)."""
    return [sum(batches[at : at + ACCUMULATE], []) for at in range(0, len(batches), ACCUMULATE)]


def write(name: str, settings: dict, steps: list[list[int]], loss_of) -> None:
    model = classifier.PooledClassifier("pooler").train()
    loss = lambda indices: (loss_of(model(classifier.batch(indices)[0]), indices), {})
    records = method.descend(model, steps, loss)
    for record, batch in zip(records, steps):
        record["batch"] = batch
    write_json(f"model_selection/{name}.json", {"recipe": {**method.RECIPE, **settings}, "steps": records})


def write_all() -> None:
    rows = uneven()
    weights = balanced(rows)
    weighing = {"class_weights": "balanced", "rows": rows, "weights": weights.tolist()}
    smoothing = {"label_smoothing": SMOOTHING}
    accumulating = {"accumulate": ACCUMULATE}

    def loss_of(epsilon: float = 0.0, **given: torch.Tensor):
        labels = lambda indices: torch.tensor([classifier.ROWS[i][1] for i in indices])
        return lambda logits, indices: losses.cross_entropy(logits, labels(indices), epsilon, **given)

    alone = training.batches()[: method.STEPS]
    once_more = (training.batches() * 2)[: method.STEPS * ACCUMULATE]
    few = uneven_batches(rows)
    write("accumulate", accumulating, joined(once_more), loss_of())
    write("smoothing", smoothing, alone, loss_of(SMOOTHING))
    write("balanced", weighing, few[: method.STEPS], loss_of(weight=weights))
    write("all_three", {**accumulating, **smoothing, **weighing}, joined(few), loss_of(SMOOTHING, weight=weights))

    several = several_labels()
    targets = torch.zeros(len(several), len(checkpoints.LABELS), dtype=torch.float64)
    for row, labels in enumerate(several):
        targets[row, labels] = 1.0
    of_rows = lambda epsilon: lambda logits, indices: losses.multi_label(logits, targets[indices], epsilon)
    settings = {"problem_type": "multi_label_classification", "labels": several}
    write("several_labels", settings, alone, of_rows(0.0))
    write("several_labels_smoothing", {**settings, **smoothing}, alone, of_rows(SMOOTHING))
