"""Takes: the classifier and six of its rows. Gives: data/gradients/POOLING.safetensors and rows.json: the
cross-entropy loss and its gradient by each parameter. May not touch: any parameter."""
import torch

from . import classifier
from .writing import write_json, write_tensors

INDICES = [3, 9, 14, 16, 22, 5]
# The key's bias has a gradient of 0 that f64 leaves as some 1e-17, different on each processor.
NOISE = 1e-12


def write_all() -> None:
    classifier.matches(INDICES)
    inputs, labels = classifier.batch(INDICES)
    for pooling in ("pooler", "cls", "mean", "max"):
        model = classifier.PooledClassifier(pooling).train()
        logits = model(inputs)
        loss = torch.nn.functional.cross_entropy(logits, labels)
        loss.backward()
        tensors = {**inputs, "labels": labels, "logits": logits, "loss": loss.reshape(1)}
        for name, parameter in model.named_parameters():
            gradient = parameter.grad
            tensors[f"grad.{name}"] = gradient.masked_fill(gradient.abs() < NOISE, 0.0)
        write_tensors(f"gradients/{pooling}.safetensors", tensors)
    write_json("gradients/rows.json", {
        "checkpoint": classifier.CHECKPOINT, "max_length": classifier.MAX_LENGTH,
        "texts": [classifier.ROWS[i][0] for i in INDICES], "labels": [classifier.ROWS[i][1] for i in INDICES],
    })
