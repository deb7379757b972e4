"""Takes: a model and the recipe's numbers. Gives: its AdamW, its learning-rate schedule and one training
step, as torch and transformers define them. May not touch: files. Also used by ../real_task.py."""
import math

import torch
import transformers

SCHEDULES = {
    "linear": transformers.get_linear_schedule_with_warmup,
    "cosine": transformers.get_cosine_schedule_with_warmup,
}


def optimizer(model: torch.nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """Biases and LayerNorm's parameters are not decayed."""
    plain = lambda name: "bias" in name or "LayerNorm" in name or "layer_norm" in name
    groups = [
        {"params": [p for n, p in model.named_parameters() if not plain(n)], "weight_decay": weight_decay},
        {"params": [p for n, p in model.named_parameters() if plain(n)], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.999), eps=1e-8)


def schedule(name: str, adamw: torch.optim.AdamW, steps: int, warmup_ratio: float) -> object:
    warmup = math.ceil(warmup_ratio * steps)
    if name == "constant":
        return transformers.get_constant_schedule_with_warmup(adamw, warmup)
    return SCHEDULES[name](adamw, warmup, steps)


def step(model: torch.nn.Module, inputs: dict, labels: torch.Tensor, adamw: torch.optim.AdamW, schedule: object,
         max_grad_norm: float | None) -> dict:
    """One step; the gradient norm is the one before clipping, the learning rate the one it used."""
    loss = torch.nn.functional.cross_entropy(model(inputs), labels)
    loss.backward()
    limit = math.inf if max_grad_norm is None else max_grad_norm
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
    learning_rate = schedule.get_last_lr()[0]
    adamw.step()
    schedule.step()
    adamw.zero_grad()
    return {"loss": loss.item(), "learning_rate": learning_rate, "grad_norm": norm.item()}
