"""Takes: a checkpoint's encoder, tokenizer and a few texts. Gives: data/forward/NAME.{json,safetensors}
with every stage of the forward pass. May not touch: the checkpoints, which it only reads."""
import torch
import transformers

from . import checkpoints
from .pooling import pool
from .writing import DATA, random, write_json, write_tensors

# Rows of different lengths; the fourth is cut at MAX_LENGTH, the last holds nothing but [CLS] [SEP].
TEXTS = [
    "The parcel was late!",
    "账单错了, please fix it",
    "Thank you: unbelievable service :-)",
    "My order is late and the box is not the one I was charged for, twice, 42 days",
    "",
]
MAX_LENGTH = 16


def head(name: str, hidden: int, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    numbers = random("head " + name)
    # Rounded to f32 first: that is what the file holds and what the reader computes with.
    weight = torch.from_numpy(numbers.standard_normal((classes, hidden)) * 0.3).float().double()
    return weight, torch.from_numpy(numbers.standard_normal(classes) * 0.3).float().double()


def stages(model: transformers.BertModel, batch: dict, weight: torch.Tensor, bias: torch.Tensor) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        output = model(**batch, output_hidden_states=True)
    tensors = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    tensors |= {f"hidden_states.{i}": state for i, state in enumerate(output.hidden_states)}
    tensors |= {"head.weight": weight, "head.bias": bias}
    for kind in (["pooler"] if model.pooler is not None else []) + ["cls", "mean", "max"]:
        pooled = pool(kind, output, batch["attention_mask"])
        tensors[f"pooled.{kind}"] = pooled
        tensors[f"logits.{kind}"] = torch.nn.functional.linear(pooled, weight, bias)
    return tensors


def write(name: str, model: transformers.BertModel, tokenizer: object, texts: list[str], max_length: int,
          weight: torch.Tensor, bias: torch.Tensor, place: str = "forward") -> None:
    batch = tokenizer(texts, padding="longest", truncation=True, max_length=max_length, return_tensors="pt")
    write_tensors(f"{place}/{name}.safetensors", stages(model, dict(batch), weight, bias))
    poolings = (["pooler"] if model.pooler is not None else []) + ["cls", "mean", "max"]
    layers = model.config.num_hidden_layers
    write_json(f"{place}/{name}.json", {
        "checkpoint": name, "max_length": max_length, "layers": layers, "poolings": poolings, "texts": texts,
    })


def write_all() -> None:
    for kind in checkpoints.KINDS:
        model = checkpoints.load(kind)
        tokenizer = transformers.AutoTokenizer.from_pretrained(DATA / "checkpoints" / kind.name)
        weight, bias = head(kind.name, model.config.hidden_size, len(checkpoints.LABELS))
        if kind.architecture == "BertForSequenceClassification":
            own = checkpoints.load_classifier(kind.name).classifier
            weight, bias = own.weight.detach(), own.bias.detach()
        write(kind.name, model, tokenizer, TEXTS, MAX_LENGTH, weight, bias)
