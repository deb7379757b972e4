"""Takes: the small vocabularies. Gives: data/checkpoints/NAME, a tiny seeded checkpoint of each kind that
bertlet reads, in Hugging Face layout. May not touch: anything else under data."""
from dataclasses import dataclass

import torch
import transformers

from . import vocabulary
from .writing import DATA, random, write_bytes, write_json, write_tensors

LABELS = ["delivery", "billing", "praise"]
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
# BertForPreTraining's file holds them twice. transformers fills one tensor from both, so they must not differ.
TIED = {
    "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": "cls.predictions.bias",
}


@dataclass(frozen=True)
class Kind:
    """What sets one checkpoint apart from the others."""

    name: str
    architecture: str
    dtype: str = "float32"
    pooler: bool = True
    hidden_act: str = "gelu"
    prefix: str = ""  # put before each tensor's name; the head classes bring their own "bert."
    old_names: bool = False  # gamma and beta for LayerNorm's weight and bias, and position_ids in the file
    cased: bool = False  # vocab.txt and tokenizer_config.json only, case kept
    special_last: bool = False  # with a tokenizer.json that asks for its own padding and truncation


KINDS = [
    Kind("model_f32", "BertModel"),
    Kind("model_f16_no_pooler", "BertModel", "float16", pooler=False, special_last=True),
    Kind("sequence_classification_f32", "BertForSequenceClassification"),
    Kind("masked_lm_bf16", "BertForMaskedLM", "bfloat16", pooler=False),
    Kind("pretraining_f32", "BertForPreTraining", old_names=True),
    Kind("gelu_new_f16", "BertModel", "float16", hidden_act="gelu_new"),
    Kind("relu_bf16", "BertModel", "bfloat16", pooler=False, hidden_act="relu", prefix="bert."),
    Kind("cased_vocab_f16", "BertModel", "float16", cased=True),
    Kind("sequence_classification_f16", "BertForSequenceClassification", "float16"),
]


def tokens(kind: Kind) -> list[str]:
    if kind.cased:
        return vocabulary.cased()
    return vocabulary.special_last(vocabulary.uncased()) if kind.special_last else vocabulary.uncased()


def config(kind: Kind, vocab: list[str]) -> dict:
    values = {
        "architectures": [kind.architecture],
        "model_type": "bert",
        "vocab_size": len(vocab),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "hidden_act": kind.hidden_act,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": 64,
        "type_vocab_size": 2,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "pad_token_id": vocab.index("[PAD]"),
        "position_embedding_type": "absolute",
        "torch_dtype": kind.dtype,
    }
    if kind.architecture == "BertForSequenceClassification":
        values["id2label"] = {str(i): label for i, label in enumerate(LABELS)}
        values["label2id"] = {label: i for i, label in enumerate(LABELS)}
    return values


def weights(kind: Kind, model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Large enough, and none of them 0 or 1, that a swapped, dropped or transposed tensor shows."""
    numbers = random("checkpoint " + kind.name)
    tensors = {}
    for name, parameter in sorted(model.state_dict().items()):
        if name.endswith("position_ids"):
            if kind.old_names:
                tensors[name] = parameter.clone()
            continue
        if kind.architecture == "BertForMaskedLM" and ".decoder." in name:
            continue  # tied to the word embeddings and to cls.predictions.bias: left out, as transformers does
        spread = 0.1 if name.endswith("bias") else 0.2
        value = torch.from_numpy(numbers.standard_normal(tuple(parameter.shape)) * spread)
        if name.endswith("LayerNorm.weight"):
            value += 1.0
        if kind.old_names:
            name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        tensors[kind.prefix + name] = value.to(DTYPES[kind.dtype])
    for tied, own in TIED.items():
        if tied in tensors:
            tensors[tied] = tensors[own].clone()
    return tensors


def write(kind: Kind) -> None:
    folder = f"checkpoints/{kind.name}/"
    vocab = tokens(kind)
    values = config(kind, vocab)
    model_class = getattr(transformers, kind.architecture)
    options = {"add_pooling_layer": kind.pooler} if kind.architecture == "BertModel" else {}
    model = model_class(transformers.BertConfig(**values), **options)
    write_json(folder + "config.json", values)
    write_tensors(folder + "model.safetensors", weights(kind, model))
    write_bytes(folder + "vocab.txt", ("\n".join(vocab) + "\n").encode())
    write_bytes(folder + "tokenizer_config.json", vocabulary.tokenizer_config(lower_case=not kind.cased))
    if not kind.cased:
        tokenizer = vocabulary.tokenizer(vocab, lower_case=True).backend_tokenizer
        if kind.special_last:
            tokenizer.enable_padding(length=48, pad_id=vocab.index("[PAD]"), pad_token="[PAD]")
            tokenizer.enable_truncation(max_length=8)
        write_bytes(folder + "tokenizer.json", tokenizer.to_str().encode())


def load(kind: Kind) -> transformers.BertModel:
    """The encoder as transformers reads it back from the folder, in f64 and in evaluation mode."""
    folder = DATA / "checkpoints" / kind.name
    return transformers.BertModel.from_pretrained(folder, add_pooling_layer=kind.pooler).double().eval()


def load_classifier(name: str, **options: object) -> transformers.BertForSequenceClassification:
    folder = DATA / "checkpoints" / name
    return transformers.BertForSequenceClassification.from_pretrained(folder, **options).double().eval()


def write_all() -> None:
    for kind in KINDS:
        write(kind)
