"""Takes: a model of which some parameters are to be trained. Gives: data/peft/NAME.{json,safetensors}: 20 steps
of AdamW on those alone, on the batches of training/rows.json. May not touch: the checkpoint."""
import math
from collections.abc import Callable

import torch

from . import classifier, recipe, training
from .writing import random, write_json, write_tensors

STEPS = 20
RECIPE = {
    "checkpoint": classifier.CHECKPOINT, "pooling": "pooler", "steps": STEPS, "schedule": "linear", "warmup_ratio": 0.1,
    "learning_rate": 1e-3, "weight_decay": 0.01, "max_grad_norm": 3.0,
    "adam_beta1": 0.9, "adam_beta2": 0.999, "adam_epsilon": 1e-8, "dropout": 0.0,
}


def fill(name: str, parameters: dict[str, torch.Tensor], spread: float) -> None:
    """Seeded numbers in place of an initialisation that starts at zero, rounded to f32 as the file holds them."""
    numbers = random("method " + name)
    with torch.no_grad():
        for _, parameter in sorted(parameters.items()):
            value = torch.from_numpy(numbers.standard_normal(tuple(parameter.shape)) * spread)
            parameter.copy_(value.float())


def trained(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def descend(model: torch.nn.Module, batches: list, loss_of: Callable, adamw: torch.optim.AdamW | None = None,
            after: Callable | None = None) -> list[dict]:
    """A step of the recipe a batch. `loss_of(batch)` gives the loss and what else to record; `after(step)` runs between
    the optimizer's step and the clearing of the gradients, and gives more to record."""
    parameters = list(trained(model).values())
    adamw = adamw or recipe.optimizer(model, RECIPE["learning_rate"], RECIPE["weight_decay"])
    schedule = recipe.schedule(RECIPE["schedule"], adamw, len(batches), RECIPE["warmup_ratio"])
    records = []
    for number, batch in enumerate(batches, 1):
        loss, more = loss_of(batch)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, RECIPE["max_grad_norm"])
        # The last group's rate: the head's, where the rates differ.
        record = {"loss": loss.item(), "learning_rate": schedule.get_last_lr()[-1], "grad_norm": norm.item(), **more}
        assert not math.isnan(record["loss"])
        adamw.step()
        schedule.step()
        records.append({**training.significant(record), **(after(number) if after else {})})
        adamw.zero_grad()
    return records


def run(name: str, model: torch.nn.Module, losses: Callable, weights: Callable, settings: dict,
        adamw: torch.optim.AdamW | None = None, after: Callable | None = None, start: bool = True) -> None:
    """`losses(inputs, labels)` is what descends; `weights()` gives the trained tensors by the names of the file.
    `start`: the initial weights are not the checkpoint's and go into the file."""
    count = sum(p.numel() for p in trained(model).values())
    tensors = {"initial." + key: value.detach().clone() for key, value in weights().items()} if start else {}
    batches = training.batches()[:STEPS]
    records = descend(model, batches, lambda indices: losses(*classifier.batch(indices)), adamw, after)
    tensors |= {"final." + key: value for key, value in weights().items()}
    write_tensors(f"peft/{name}.safetensors", tensors)
    write_json(f"peft/{name}.json", {
        "recipe": {**RECIPE, **settings}, "trainable_parameters": count, "steps": records,
    })
