"""Takes: the classifier, as the teacher and, without a layer, as the student. Gives: data/training/distill_NAME.json: 20 steps of
Hinton's loss of the answers, the loss of the labels and the squared difference of hidden states. May not touch: the checkpoint."""
import copy

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, kl_div, log_softmax, logsigmoid, softmax

from . import checkpoints, classifier, method, model_selection, training
from .pooling import pool
from .writing import write_json

MULTI_LABEL = "multi_label_classification"
RUNS = {
    "pooler": {"pooling": "pooler", "layers": [1], "temperature": 2.0, "alpha": 0.7, "hidden_weight": 0.5},
    "mean": {"pooling": "mean", "layers": [0], "temperature": 4.0, "alpha": 0.5, "hidden_weight": 2.0},
    "answers": {"pooling": "pooler", "layers": [0], "temperature": 1.0, "alpha": 1.0, "hidden_weight": 0.0},
    "several_labels": {"pooling": "pooler", "layers": [1], "temperature": 3.0, "alpha": 0.6, "hidden_weight": 1.0,
                       "problem_type": MULTI_LABEL, "labels": model_selection.several_labels()},
}


def states_and_logits(model: classifier.PooledClassifier, inputs: dict) -> tuple[tuple[torch.Tensor, ...], torch.Tensor]:
    output = model.bert(**inputs, output_hidden_states=True)
    return output.hidden_states, model.classifier(pool(model.pooling, output, inputs["attention_mask"]))


def of_answers(student: torch.Tensor, teacher: torch.Tensor, run: dict) -> torch.Tensor:
    """T² times the mean divergence: of each row's softmax, or of each answer's sigmoid."""
    t = run["temperature"]
    if "labels" not in run:
        return t * t * kl_div(log_softmax(student / t, -1), softmax(teacher / t, -1), reduction="batchmean")
    sides = [kl_div(logsigmoid(sign * student / t), logsigmoid(sign * teacher / t), reduction="sum", log_target=True) for sign in (1, -1)]
    return t * t * (sides[0] + sides[1]) / student.numel()


def targets(indices: list[int], run: dict) -> torch.Tensor:
    several = torch.zeros(len(indices), len(checkpoints.LABELS), dtype=torch.float64)
    for row, index in enumerate(indices):
        several[row, run["labels"][index]] = 1.0
    return several


def loss_of(student: classifier.PooledClassifier, teacher: classifier.PooledClassifier, run: dict, indices: list[int]) -> torch.Tensor:
    inputs, labels = classifier.batch(indices)
    with torch.no_grad():
        taught_states, taught = states_and_logits(teacher, inputs)
    states, logits = states_and_logits(student, inputs)
    hard = binary_cross_entropy_with_logits(logits, targets(indices, run)) if "labels" in run else cross_entropy(logits, labels)
    real = inputs["attention_mask"].bool()
    differences = [((states[i + 1] - taught_states[layer + 1])[real] ** 2).mean() for i, layer in enumerate(run["layers"])]
    return run["alpha"] * of_answers(logits, taught, run) + (1 - run["alpha"]) * hard + run["hidden_weight"] * sum(differences) / len(differences)


def write_all() -> None:
    batches = training.batches()[: method.STEPS]
    for name, run in RUNS.items():
        teacher = classifier.PooledClassifier(run["pooling"]).eval()
        student = copy.deepcopy(teacher).train()
        layers = student.bert.encoder.layer
        student.bert.encoder.layer = torch.nn.ModuleList(layers[layer] for layer in run["layers"])
        student.bert.config.num_hidden_layers = len(run["layers"])
        records = method.descend(student, batches, lambda indices: (loss_of(student, teacher, run, indices), {}))
        write_json(f"training/distill_{name}.json", {"recipe": {**method.RECIPE, **run}, "steps": records})
