"""Takes: a checkpoint folder and a data folder (train.csv, dev.csv, test.csv; columns text and label).
Gives: on standard output, torch's accuracy and macro F1 after each epoch of bertlet's recipe. May not
touch: files, but for the one named by --first-losses.

Labels are in sorted order. The recipe: dropout and a linear head on the pooled vector, batches of 8,
128 tokens, AdamW (decay 0.01, none on biases and LayerNorm), linear schedule, gradients clipped at 1.
--first-losses writes the first ten steps' losses with dropout 0, rows in file order and the given head.
"""
import argparse
import csv
import json
import math
import os
import pathlib

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")

import torch
import transformers
from safetensors.torch import load_file

from generator import pooling, recipe

BATCH = 8
MAX_LENGTH = 128
FIRST = 10


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--rows", type=int, default=700, help="the first so many rows of train.csv")
    parser.add_argument("--pooling", choices=["pooler", "cls", "mean", "max"], default="mean")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--first-losses", type=pathlib.Path, metavar="FILE.json")
    parser.add_argument("--head", type=pathlib.Path, metavar="FILE.safetensors", help="holds classifier.weight and classifier.bias")
    options = parser.parse_args()
    if (options.first_losses is None) != (options.head is None):
        parser.error("--first-losses and --head go together: without one head for both, the losses cannot be compared")
    return options


def read(file: pathlib.Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [(row["text"], row["label"]) for row in csv.DictReader(lines)]


class Classifier(torch.nn.Module):
    def __init__(self, options: argparse.Namespace, classes: int) -> None:
        super().__init__()
        changes = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0} if options.first_losses else {}
        self.pooling = options.pooling
        self.bert = transformers.BertModel.from_pretrained(
            str(options.model), add_pooling_layer=options.pooling == "pooler", **changes
        ).float()
        config = self.bert.config
        self.dropout = torch.nn.Dropout(config.hidden_dropout_prob)
        self.classifier = torch.nn.Linear(config.hidden_size, classes)
        torch.nn.init.normal_(self.classifier.weight, std=config.initializer_range)
        torch.nn.init.zeros_(self.classifier.bias)
        if options.head:
            # Any other tensor is passed over, so the file may be a whole model as bertlet saves it.
            saved = load_file(options.head)
            self.classifier.load_state_dict({name: saved["classifier." + name] for name in ("weight", "bias")})

    def forward(self, batch: dict) -> torch.Tensor:
        return self.classifier(self.dropout(pooling.pool(self.pooling, self.bert(**batch), batch["attention_mask"])))


def scores(truth: list[int], predicted: list[int], classes: int) -> tuple[float, float]:
    """Accuracy and macro F1; a label with no rows and no predictions has F1 0."""
    f1 = []
    for label in range(classes):
        hits = sum(t == p == label for t, p in zip(truth, predicted))
        named = truth.count(label) + predicted.count(label)
        f1.append(2 * hits / named if named else 0.0)
    return sum(t == p for t, p in zip(truth, predicted)) / len(truth), sum(f1) / classes


class Task:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.splits = {name: read(options.data / f"{name}.csv") for name in ("train", "dev", "test")}
        self.splits["train"] = self.splits["train"][: options.rows]
        self.labels = sorted({label for rows in self.splits.values() for _, label in rows})
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(str(options.model))
        self.model = Classifier(options, len(self.labels))

    def batch(self, rows: list[tuple[str, str]]) -> tuple[dict, torch.Tensor]:
        texts = [text for text, _ in rows]
        inputs = self.tokenizer(texts, padding="longest", truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
        return dict(inputs), torch.tensor([self.labels.index(label) for _, label in rows])

    def evaluate(self, name: str) -> str:
        self.model.eval()
        truth, predicted = [], []
        with torch.no_grad():
            for start in range(0, len(self.splits[name]), 32):
                inputs, targets = self.batch(self.splits[name][start : start + 32])
                truth += targets.tolist()
                predicted += self.model(inputs).argmax(-1).tolist()
        accuracy, macro_f1 = scores(truth, predicted, len(self.labels))
        return f"{name} accuracy {accuracy:.4f} macro F1 {macro_f1:.4f}"

    def train(self) -> None:
        rows = self.splits["train"]
        steps_per_epoch = math.ceil(len(rows) / BATCH)
        steps = steps_per_epoch * self.options.epochs
        adamw = recipe.optimizer(self.model, self.options.lr, 0.01)
        schedule = recipe.schedule("linear", adamw, steps, 0.0)
        fixed = self.options.first_losses is not None
        for epoch in range(1, self.options.epochs + 1):
            order = list(range(len(rows))) if fixed else torch.randperm(len(rows)).tolist()
            self.model.train()
            records = []
            for start in range(0, len(rows), BATCH):
                inputs, targets = self.batch([rows[i] for i in order[start : start + BATCH]])
                records.append(recipe.step(self.model, inputs, targets, adamw, schedule, 1.0))
                if fixed and len(records) == FIRST:
                    result = {"labels": self.labels, "total_steps": steps, "steps": records}
                    self.options.first_losses.write_text(json.dumps(result, indent=1) + "\n")
                    return
            loss = sum(record["loss"] for record in records) / len(records)
            print(f"epoch {epoch} train loss {loss:.4f} {self.evaluate('dev')} {self.evaluate('test')}", flush=True)


def main() -> None:
    options = arguments()
    transformers.logging.set_verbosity_error()
    torch.manual_seed(options.seed)
    Task(options).train()


if __name__ == "__main__":
    main()
