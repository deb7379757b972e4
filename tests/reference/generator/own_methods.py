"""Takes: the classifier. Gives: data/peft/METHOD.{json,safetensors} for what the peft library has not: Houlsby's
adapters, BitFit, the head alone, frozen layers and rates that fall with depth. May not touch: the checkpoint."""
import torch

from . import bertlet_model, checkpoints, classifier, method

SIZE = 8
DECAY = 0.8
FROZEN = 1


def with_adapters() -> torch.nn.Module:
    """By the class that bertlet's saved folders bring along, so that it too is held to what bertlet computes."""
    return bertlet_model.load(
        checkpoints.DATA / "checkpoints" / classifier.CHECKPOINT, "pooler", len(checkpoints.LABELS), adapter_size=SIZE,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    ).double().train()


def train_only(model: torch.nn.Module, chosen) -> None:
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(chosen(name))


def distance(name: str, layers: int) -> int:
    """From the top: 0 for the head and the pooler, 1 for the last layer, layers + 1 for the embeddings."""
    if name.startswith("bert.embeddings."):
        return layers + 1
    if name.startswith("bert.encoder.layer."):
        return layers - int(name.split(".")[3])
    return 0


def optimizer(model: torch.nn.Module) -> torch.optim.AdamW:
    """A group for each rate, decayed and not, the head's last."""
    layers = model.bert.config.num_hidden_layers
    groups = []
    for depth in range(layers + 1, -1, -1):
        for plain in (True, False):
            names = [n for n, _ in model.named_parameters()
                     if distance(n, layers) == depth and (n.endswith("bias") or "LayerNorm" in n) == plain]
            groups.append({
                "params": [model.get_parameter(n) for n in names],
                "lr": method.RECIPE["learning_rate"] * DECAY**depth,
                "weight_decay": 0.0 if plain else method.RECIPE["weight_decay"],
            })
    return torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-8)


def losses(model: torch.nn.Module, adapters: bool):
    logits = (lambda inputs: model(**inputs).logits) if adapters else model
    return lambda inputs, labels: (torch.nn.functional.cross_entropy(logits(inputs), labels), {})


def write(name: str, settings: dict, chosen, adapters: bool = False, rates: bool = False) -> None:
    model = with_adapters() if adapters else classifier.PooledClassifier("pooler").train(name != "head")
    if adapters:
        new = {n: p for n, p in model.named_parameters() if ".adapter." in n}
        method.fill(name, new, 0.2)
    train_only(model, chosen)
    weights = lambda: method.trained(model)
    # What has no adapters starts from the checkpoint's own weights.
    method.run(name, model, losses(model, adapters), weights, settings, adamw=optimizer(model) if rates else None, start=adapters)


def write_all() -> None:
    head = lambda name: name.startswith("classifier.")
    write("adapter", {"method": "adapter", "adapter_size": SIZE}, adapters=True,
          chosen=lambda name: ".adapter." in name or "LayerNorm" in name or head(name))
    write("bitfit", {"method": "bitfit"}, lambda name: name.endswith(".bias") or head(name))
    write("head", {"method": "head"}, head)
    low = ("bert.embeddings.", *(f"bert.encoder.layer.{i}." for i in range(FROZEN)))
    write("freeze1", {"method": "full", "freeze_layers": FROZEN}, lambda name: not name.startswith(low))
    write("layer_decay", {"method": "full", "layer_decay": DECAY}, lambda name: True, rates=True)
