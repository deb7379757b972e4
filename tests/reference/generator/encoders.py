"""Takes: the rows and texts of BERT's references. Gives: data/encoders/NAME, a tiny seeded checkpoint of each other encoder
with a classifier and a masked-LM head, and NAME.{json,safetensors}: states, logits, gradients, 30 steps, 20 of LoRA and 20 of
masked-LM. May not touch: BERT's."""
from dataclasses import dataclass, field

import peft
import torch
import transformers
from peft.utils import get_peft_model_state_dict

from . import checkpoints, classifier, forward, gradients, masked, method, pooling, recipe, training, vocabulary
from .writing import DATA, random, write_bytes, write_json, write_tensors

# Sizes by BERT's names; a configuration class with other names takes them too.
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "hidden_act": "gelu",
         "initializer_range": 0.02, "layer_norm_eps": 1e-5, "max_position_embeddings": 66}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
# Tied to the word embeddings or to the head's own bias: left out, as transformers does.
TIED = (".decoder.", "vocab_projector.weight", "generator_lm_head.weight")
LORA = {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "task_type": "SEQ_CLS"}


@dataclass(frozen=True)
class Encoder:
    """What sets one encoder apart from the others."""

    model_type: str
    name: str  # beginning of its classes' names
    pad: int  # id of the padding token
    sizes: dict = field(default_factory=lambda: SIZES)
    no_dropout: dict = field(default_factory=lambda: NO_DROPOUT)
    query_value: tuple = ("query", "value")
    saved: tuple = ("classifier",)


ENCODERS = [
    Encoder("distilbert", "DistilBert", 0,
            {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "activation": "gelu", "initializer_range": 0.02,
             "max_position_embeddings": 66},
            {"dropout": 0.0, "attention_dropout": 0.0, "seq_classif_dropout": 0.0},
            ("q_lin", "v_lin"), ("classifier", "pre_classifier")),
    Encoder("electra", "Electra", 0, {**SIZES, "embedding_size": 8, "type_vocab_size": 2}),
    Encoder("roberta", "Roberta", 1, {**SIZES, "type_vocab_size": 1}),
    Encoder("xlm-roberta", "XLMRoberta", 1, {**SIZES, "type_vocab_size": 1}),
    Encoder("camembert", "Camembert", 1, {**SIZES, "type_vocab_size": 1}),
    Encoder("mpnet", "MPNet", 1, {**SIZES, "relative_attention_num_buckets": 32}, query_value=("q", "v")),
]


def tokens(encoder: Encoder) -> list[str]:
    first, second, *rest = vocabulary.uncased()
    return [first, second, *rest] if encoder.pad == 0 else [second, first, *rest]


def folder(encoder: Encoder) -> str:
    return f"encoders/{encoder.model_type}"


def load(encoder: Encoder, head: str) -> torch.nn.Module:
    """One of the encoder's classes as transformers reads it from the folder, in f64 and without dropout."""
    kind = getattr(transformers, encoder.name + head)
    return kind.from_pretrained(DATA / folder(encoder), **encoder.no_dropout).double()


def tokenizer(encoder: Encoder) -> transformers.BertTokenizerFast:
    return transformers.BertTokenizerFast.from_pretrained(DATA / folder(encoder))


def write_checkpoint(encoder: Encoder) -> None:
    vocab = tokens(encoder)
    config = getattr(transformers, encoder.name + "Config")(
        **encoder.sizes, vocab_size=len(vocab), pad_token_id=encoder.pad,
        id2label=dict(enumerate(checkpoints.LABELS)), label2id={label: i for i, label in enumerate(checkpoints.LABELS)})
    shapes = {}
    for head in ("ForSequenceClassification", "ForMaskedLM"):
        model = getattr(transformers, encoder.name + head)(config)
        shapes |= {name: tensor.shape for name, tensor in model.state_dict().items()
                   if not name.endswith("position_ids") and not any(tied in name for tied in TIED)}
    numbers = random("encoder " + encoder.model_type)
    tensors = {}
    for name, shape in sorted(shapes.items()):
        value = torch.from_numpy(numbers.standard_normal(tuple(shape)) * (0.1 if name.endswith("bias") else 0.3))
        is_norm = name.endswith("weight") and ("LayerNorm" in name or "layer_norm" in name)
        tensors[name] = (value + 1.0 if is_norm else value).float()
    values = {**config.to_diff_dict(), "architectures": [encoder.name + "ForSequenceClassification"]}
    values.pop("transformers_version", None)
    write_json(folder(encoder) + "/config.json", values)
    write_tensors(folder(encoder) + "/model.safetensors", tensors)
    write_bytes(folder(encoder) + "/vocab.txt", ("\n".join(vocab) + "\n").encode())
    write_bytes(folder(encoder) + "/tokenizer_config.json", vocabulary.tokenizer_config(lower_case=True))


def batch_of(encoder: Encoder, texts: list[str], max_length: int) -> dict:
    """Without segments: not every encoder takes them."""
    tokenized = tokenizer(encoder)(texts, padding="longest", truncation=True, max_length=max_length, return_tensors="pt")
    return {name: tokenized[name] for name in ("input_ids", "attention_mask")}


def rows_of(encoder: Encoder, indices: list[int]) -> tuple[dict, torch.Tensor]:
    texts = [classifier.ROWS[i][0] for i in indices]
    return batch_of(encoder, texts, classifier.MAX_LENGTH), torch.tensor([classifier.ROWS[i][1] for i in indices])


def last_dense(model: torch.nn.Module) -> torch.nn.Module:
    return getattr(model.classifier, "out_proj", model.classifier)


def stages(encoder: Encoder) -> dict:
    model = load(encoder, "ForSequenceClassification").eval()
    # The text of a padding token takes no position of its own.
    texts = [*forward.TEXTS, "my [PAD] order"]
    batch = batch_of(encoder, texts, forward.MAX_LENGTH)
    with torch.no_grad():
        output = model.base_model(**batch, output_hidden_states=True)
        tensors = {**batch, "logits.pooler": model(**batch).logits}
        tensors |= {f"hidden_states.{i}": state for i, state in enumerate(output.hidden_states)}
        for kind in ("cls", "mean", "max"):
            tensors[f"logits.{kind}"] = last_dense(model)(pooling.pool(kind, output, batch["attention_mask"]))
    return tensors


def slopes(encoder: Encoder) -> dict:
    model = load(encoder, "ForSequenceClassification").train()
    inputs, labels = rows_of(encoder, gradients.INDICES)
    torch.nn.functional.cross_entropy(model(**inputs).logits, labels).backward()
    found = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return {f"grad.{name}": grad.masked_fill(grad.abs() < gradients.NOISE, 0.0) for name, grad in found.items()}


def losses(model: torch.nn.Module, encoder: Encoder):
    def of(indices: list[int]) -> tuple[torch.Tensor, dict]:
        inputs, labels = rows_of(encoder, indices)
        return torch.nn.functional.cross_entropy(model(**inputs).logits, labels), {}
    return of


def full_run(encoder: Encoder) -> list[dict]:
    model = load(encoder, "ForSequenceClassification").train()
    return method.descend(model, training.batches(), losses(model, encoder))


def lora_run(encoder: Encoder) -> tuple[list[dict], dict, int]:
    config = peft.LoraConfig(**LORA, target_modules=list(encoder.query_value), modules_to_save=list(encoder.saved))
    model = peft.get_peft_model(load(encoder, "ForSequenceClassification"), config).double().train()
    model.peft_config["default"].base_model_name_or_path = encoder.model_type
    new = {n: p for n, p in method.trained(model).items() if "lora_" in n}
    method.fill("encoder " + encoder.model_type, new, 0.2)
    weights = lambda: get_peft_model_state_dict(model)
    tensors = {"initial." + name: value.detach().clone() for name, value in weights().items()}
    steps = method.descend(model, training.batches()[: method.STEPS], losses(model, encoder))
    tensors |= {"final." + name: value for name, value in weights().items()}
    model.float().save_pretrained(DATA / folder(encoder) / "lora", safe_serialization=True)
    (DATA / folder(encoder) / "lora/README.md").unlink()
    return steps, tensors, sum(p.numel() for p in method.trained(model).values())


def masked_run(encoder: Encoder) -> tuple[list[dict], list]:
    model = load(encoder, "ForMaskedLM").train()
    ids = tokenizer(encoder)
    numbers = random("encoder masks")
    batches = [[masked.masked(ids, classifier.ROWS[i][0], numbers) for i in rows] for rows in training.batches()[: method.STEPS]]

    def loss_of(rows: list[dict]) -> tuple[torch.Tensor, dict]:
        inputs, labels = masked.padded(ids, rows)
        del inputs["token_type_ids"]
        return model(**inputs, labels=labels).loss, {}

    return method.descend(model, batches, loss_of), batches


def write_all() -> None:
    for encoder in ENCODERS:
        write_checkpoint(encoder)
        lora, lora_tensors, trainable = lora_run(encoder)
        masked_lm, batches = masked_run(encoder)
        write_tensors(f"{folder(encoder)}.safetensors", {**stages(encoder), **slopes(encoder), **lora_tensors})
        write_json(f"{folder(encoder)}.json", {
            "texts": [*forward.TEXTS, "my [PAD] order"], "max_length": forward.MAX_LENGTH,
            "recipe": {**method.RECIPE, "checkpoint": encoder.model_type, "r": LORA["r"], "lora_alpha": LORA["lora_alpha"],
                       "target_modules": list(encoder.query_value), "trainable_parameters": trainable},
            "training": full_run(encoder), "lora": lora, "masked_lm": masked_lm, "masked_rows": batches,
        })
