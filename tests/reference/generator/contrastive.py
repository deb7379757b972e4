"""Takes: the classifier's encoder and pairs of its rows. Gives: data/model_selection/cosine.{json,safetensors}: the loss that SetFit
trains with, its gradients and 20 steps. May not touch: the checkpoint."""
import torch

from . import classifier, gradients, method
from .pooling import pool
from .writing import random, write_json, write_tensors

# Rows of one label, rows of two, and a row with itself.
PAIRS = [(0, 2), (3, 9), (8, 14), (16, 22), (5, 17), (11, 11)]


def same(pairs: list[tuple[int, int]]) -> torch.Tensor:
    return torch.tensor([float(classifier.ROWS[a][1] == classifier.ROWS[b][1]) for a, b in pairs], dtype=torch.float64)


def batches() -> list[list[list[int]]]:
    numbers = random("contrastive pairs")
    return [numbers.permutation(len(classifier.ROWS))[: 8 + 2 * (i % 4)].reshape(-1, 2).tolist() for i in range(method.STEPS)]


class Encoder(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bert = classifier.PooledClassifier("mean").bert

    def forward(self, rows: list[int]) -> torch.Tensor:
        inputs, _ = classifier.batch(rows)
        return pool("mean", self.bert(**inputs), inputs["attention_mask"])


def similarities(model: Encoder, pairs: list[tuple[int, int]]) -> torch.Tensor:
    first, second = zip(*pairs)
    return torch.cosine_similarity(model(list(first)), model(list(second)))


def loss_of(model: Encoder, pairs: list[tuple[int, int]]) -> torch.Tensor:
    """sentence-transformers' CosineSimilarityLoss: the mean square of similarity less target, 1 for a shared label, else 0."""
    return torch.nn.functional.mse_loss(similarities(model, pairs), same(pairs))


def write_all() -> None:
    model = Encoder().train()
    loss = loss_of(model, PAIRS)
    loss.backward()
    tensors = {"similarities": similarities(model, PAIRS), "targets": same(PAIRS), "loss": loss.reshape(1)}
    for name, parameter in model.named_parameters():
        tensors[f"grad.{name}"] = parameter.grad.masked_fill(parameter.grad.abs() < gradients.NOISE, 0.0)
    write_tensors("model_selection/cosine.safetensors", tensors)

    model = Encoder().train()
    steps = batches()
    records = method.descend(model, steps, lambda pairs: (loss_of(model, pairs), {}))
    for record, pairs in zip(records, steps):
        record["pairs"] = pairs
    write_json("model_selection/cosine.json", {"recipe": {**method.RECIPE, "pooling": "mean"}, "pairs": PAIRS, "steps": records})
