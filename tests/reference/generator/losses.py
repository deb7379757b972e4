"""Takes: seeded logits. Gives: data/model_selection/{cross_entropy,multi_label}.safetensors and losses.json: torch's losses with
class weights and label smoothing, and their gradients by the logits. May not touch: anything else."""
import numpy
import torch

from .writing import random, write_json, write_tensors

# Rows, classes; the last with logits so far apart that exp() of one would overflow in f32.
SIZES = {"one": (1, 2), "odd": (7, 5), "many": (13, 77), "far": (9, 3)}
# "weights" is torch's argument that the class weights are given as.
VARIANTS = {
    "plain": {"smoothing": 0.0, "weights": None},
    "smoothed": {"smoothing": 0.1, "weights": None},
    "weighted": {"smoothing": 0.0, "weights": "weight"},
    "both": {"smoothing": 0.3, "weights": "weight"},
}
MULTI_LABEL_VARIANTS = {**VARIANTS, "positive": {"smoothing": 0.0, "weights": "pos_weight"}}


def rounded(values: numpy.ndarray) -> torch.Tensor:
    """To f32, which is what the file holds and the reader computes with."""
    return torch.from_numpy(values).float().double()


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor, smoothing: float, **weights: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing, **weights)


def multi_label(logits: torch.Tensor, targets: torch.Tensor, smoothing: float, **weights: torch.Tensor) -> torch.Tensor:
    """BCEWithLogitsLoss. Torch has no smoothing here: targets move towards 1/2, as a two-class cross-entropy's would."""
    targets = targets * (1 - smoothing) + smoothing / 2
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, targets, **weights)


def write(name: str, loss_of, variants: dict[str, dict], targets_of) -> None:
    tensors = {}
    for size, (rows, classes) in SIZES.items():
        numbers = random(f"{name} {size}")
        values = numbers.standard_normal((rows, classes)) * (100.0 if size == "far" else 2.0)
        targets = torch.from_numpy(targets_of(numbers, rows, classes))
        weights = rounded(numbers.uniform(0.2, 3.0, classes))
        tensors |= {f"{size}.logits": rounded(values), f"{size}.targets": targets, f"{size}.weights": weights}
        for variant, options in variants.items():
            logits = rounded(values).requires_grad_()
            given = {options["weights"]: weights} if options["weights"] else {}
            loss = loss_of(logits, targets, options["smoothing"], **given)
            loss.backward()
            tensors |= {f"{size}.{variant}.loss": loss.reshape(1), f"{size}.{variant}.grad": logits.grad}
    write_tensors(f"model_selection/{name}.safetensors", tensors)


def write_all() -> None:
    write("cross_entropy", cross_entropy, VARIANTS, lambda numbers, rows, classes: numbers.integers(classes, size=rows))
    write("multi_label", multi_label, MULTI_LABEL_VARIANTS,
          lambda numbers, rows, classes: numbers.integers(2, size=(rows, classes)).astype("float64"))
    write_json("model_selection/losses.json", {
        "sizes": SIZES, "cross_entropy": VARIANTS, "multi_label": MULTI_LABEL_VARIANTS,
    })
