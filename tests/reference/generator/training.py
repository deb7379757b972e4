"""Takes: the classifier and its rows. Gives: data/training/NAME.json, 30 steps of AdamW under each
recipe, and the weights after the linear one; "in_order" and "halves" take the rows as they stand, 8 a batch; "halves" begins at a checkpoint of 16 bits. May not touch: the checkpoint, which it only reads."""
import torch

from . import classifier, recipe
from .writing import random, write_json, write_tensors

STEPS = 30
RUNS = {
    "linear": {"schedule": "linear", "max_grad_norm": 3.0, "pooling": "pooler"},
    "cosine": {"schedule": "cosine", "max_grad_norm": 3.0, "pooling": "pooler"},
    "constant": {"schedule": "constant", "max_grad_norm": 3.0, "pooling": "pooler"},
    "unclipped": {"schedule": "linear", "max_grad_norm": None, "pooling": "pooler"},
    "mean": {"schedule": "linear", "max_grad_norm": 3.0, "pooling": "mean"},
    "in_order": {"schedule": "linear", "max_grad_norm": 3.0, "pooling": "pooler", "batch_size": 8},
    "halves": {"schedule": "linear", "max_grad_norm": 3.0, "pooling": "pooler", "batch_size": 8, "checkpoint": classifier.HALVES},
}


def batches() -> list[list[int]]:
    """Fixed row indices, 4 to 8 a batch, no row twice in a batch."""
    numbers = random("training order")
    return [numbers.permutation(len(classifier.ROWS))[: 4 + i % 5].tolist() for i in range(STEPS)]


def batches_in_order(size: int) -> list[list[int]]:
    """The rows as they stand, epoch after epoch: what a caller gets without shuffling."""
    rows = range(len(classifier.ROWS))
    epoch = [list(rows[at : at + size]) for at in range(0, len(rows), size)]
    return [epoch[i % len(epoch)] for i in range(STEPS)]


def significant(record: dict) -> dict:
    """Ten digits: more than f32 holds, fewer than could differ between processors."""
    return {key: float(f"{value:.10g}") for key, value in record.items()}


def write_all() -> None:
    order = batches()
    for name, options in RUNS.items():
        settings = {
            "checkpoint": classifier.CHECKPOINT, **options, "steps": STEPS, "learning_rate": 1e-3, "weight_decay": 0.01, "warmup_ratio": 0.1,
            "adam_beta1": 0.9, "adam_beta2": 0.999, "adam_epsilon": 1e-8, "dropout": 0.0,
        }
        model = classifier.PooledClassifier(options["pooling"], settings["checkpoint"]).train()
        adamw = recipe.optimizer(model, settings["learning_rate"], settings["weight_decay"])
        schedule = recipe.schedule(options["schedule"], adamw, STEPS, settings["warmup_ratio"])
        records = []
        for indices in batches_in_order(options["batch_size"]) if "batch_size" in options else order:
            inputs, labels = classifier.batch(indices)
            records.append(significant(recipe.step(model, inputs, labels, adamw, schedule, options["max_grad_norm"])))
        write_json(f"training/{name}.json", {"recipe": settings, "steps": records})
        if name == "linear":
            write_tensors("training/linear_final.safetensors", model.state_dict())
    write_json("training/rows.json", {
        "checkpoint": classifier.CHECKPOINT, "max_length": classifier.MAX_LENGTH, "batches": order,
        "rows": [{"text": text, "label": label} for text, label in classifier.ROWS],
    })
