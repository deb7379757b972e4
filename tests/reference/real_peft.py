"""Takes: a checkpoint folder and a data folder (train.csv, dev.csv, test.csv; columns text and label). Gives: on
standard output, the accuracy and macro F1 after each epoch of a run of the peft library. May not touch: files.

Labels are in sorted order. As in real_task.py: AdamW (decay 0.01, none on biases and LayerNorm), linear schedule
without warm-up, gradients clipped at 1, the checkpoint's dropout before the head. The head starts as transformers makes it.
"""
import argparse
import math
import os
import pathlib

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")

import peft
import torch
import transformers

import real_task
from generator import bertlet_model, recipe


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--method", choices=["lora", "prompt", "prefix"], default="lora")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=float, default=16)
    parser.add_argument("--lora-dropout", type=float, default=0.05)
    parser.add_argument("--target-modules", default="query,value")
    parser.add_argument("--virtual-tokens", type=int, default=20)
    parser.add_argument("--pooling", choices=["pooler", "cls", "mean", "max"], default="mean")
    parser.add_argument("--rows", type=int, help="the first so many rows of train.csv")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--max-length", type=int, default=64)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=42)
    return parser.parse_args()


def configuration(options: argparse.Namespace) -> peft.PeftConfig:
    if options.method == "prompt":
        return peft.PromptTuningConfig(num_virtual_tokens=options.virtual_tokens, task_type="SEQ_CLS")
    if options.method == "prefix":
        return peft.PrefixTuningConfig(num_virtual_tokens=options.virtual_tokens, task_type="SEQ_CLS")
    return peft.LoraConfig(
        r=options.rank, lora_alpha=options.alpha, lora_dropout=options.lora_dropout,
        target_modules=options.target_modules.split(","), task_type="SEQ_CLS",
    )


class Run:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.splits = {name: real_task.read(options.data / f"{name}.csv") for name in ("train", "dev", "test")}
        self.splits["train"] = self.splits["train"][: options.rows]
        self.labels = sorted({label for rows in self.splits.values() for _, label in rows})
        self.index = {label: i for i, label in enumerate(self.labels)}
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(str(options.model))
        base = bertlet_model.load(options.model, options.pooling, len(self.labels))
        self.model = peft.get_peft_model(base, configuration(options))
        self.model.print_trainable_parameters()

    def batch(self, rows: list[tuple[str, str]]) -> tuple[dict, torch.Tensor]:
        texts = [text for text, _ in rows]
        inputs = self.tokenizer(texts, padding="longest", truncation=True, max_length=self.options.max_length,
                                return_tensors="pt")
        return dict(inputs), torch.tensor([self.index[label] for _, label in rows])

    def evaluate(self, name: str) -> str:
        self.model.eval()
        truth, predicted = [], []
        with torch.no_grad():
            for start in range(0, len(self.splits[name]), 32):
                inputs, targets = self.batch(self.splits[name][start : start + 32])
                truth += targets.tolist()
                predicted += self.model(**inputs).logits.argmax(-1).tolist()
        accuracy, macro_f1 = real_task.scores(truth, predicted, len(self.labels))
        return f"{name} accuracy {accuracy:.4f} macro F1 {macro_f1:.4f}"

    def train(self) -> None:
        rows, size = self.splits["train"], self.options.batch
        steps = math.ceil(len(rows) / size) * self.options.epochs
        adamw = recipe.optimizer(self.model, self.options.lr, 0.01)
        schedule = recipe.schedule("linear", adamw, steps, 0.0)
        for epoch in range(1, self.options.epochs + 1):
            order = torch.randperm(len(rows)).tolist()
            self.model.train()
            losses = []
            for start in range(0, len(rows), size):
                inputs, targets = self.batch([rows[i] for i in order[start : start + size]])
                loss = self.model(**inputs, labels=targets).loss
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                adamw.step()
                schedule.step()
                adamw.zero_grad()
                losses.append(loss.item())
            print(f"epoch {epoch} train loss {sum(losses) / len(losses):.4f} {self.evaluate('dev')} "
                  f"{self.evaluate('test')}", flush=True)


def main() -> None:
    options = arguments()
    transformers.logging.set_verbosity_error()
    torch.manual_seed(options.seed)
    Run(options).train()


if __name__ == "__main__":
    main()
