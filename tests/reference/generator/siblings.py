"""Takes: the other encoders' checkpoints. Gives: data/encoders/siblings.json, logits of transformers where config.json says what
few files do: more segments than one, another padding token than the tokenizer's, BERT's names of DistilBERT's entries. May not
touch: the checkpoints."""
import json
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file

from . import encoders
from .writing import DATA, random, write_json

ROWS = [[2, 40, 41, 42, 3, 50, 51, 3], [2, 60, 1, 61, 0, 62, 63, 3]]
SEGMENTS = [[0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1, 1, 1]]
SEGMENT_TABLE = "roberta.embeddings.token_type_embeddings.weight"
# Changed entries of config.json, None: left out; and whether the rows have segments.
CASES = {
    "segments": ("roberta", {"type_vocab_size": 2}, True),
    "padding": ("roberta", {"pad_token_id": 0}, False),
    "fixed_padding": ("mpnet", {"pad_token_id": 0}, False),
    "aliases": ("distilbert", {"n_heads": None, "num_attention_heads": 4, "n_layers": 1, "num_hidden_layers": 2,
                               "layer_norm_eps": 1e-2}, False),
}


def logits_of(name: str, changes: dict, has_segments: bool, table: torch.Tensor) -> list:
    encoder = next(each for each in encoders.ENCODERS if each.model_type == name)
    source = DATA / encoders.folder(encoder)
    with tempfile.TemporaryDirectory() as folder:
        config = {**json.loads((source / "config.json").read_text()), **changes}
        config = {key: value for key, value in config.items() if value is not None}
        (Path(folder) / "config.json").write_text(json.dumps(config))
        tensors = load_file(source / "model.safetensors")
        if has_segments:
            tensors[SEGMENT_TABLE] = table
        save_file(tensors, Path(folder) / "model.safetensors", metadata={"format": "pt"})
        kind = getattr(transformers, encoder.name + "ForSequenceClassification")
        model = kind.from_pretrained(folder, **encoder.no_dropout).double().eval()
        ids = torch.tensor(ROWS)
        segments = {"token_type_ids": torch.tensor(SEGMENTS)} if has_segments else {}
        with torch.no_grad():
            return model(input_ids=ids, attention_mask=torch.ones_like(ids), **segments).logits.float().tolist()


def write_all() -> None:
    table = torch.from_numpy(random("siblings").standard_normal((2, encoders.SIZES["hidden_size"])) * 0.3).float()
    found = {name: {"encoder": encoder, "config": changes, "has_segments": has_segments,
                    "logits": logits_of(encoder, changes, has_segments, table)}
             for name, (encoder, changes, has_segments) in CASES.items()}
    write_json("encoders/siblings.json", {"rows": ROWS, "segments": SEGMENTS, "segment_table": table.tolist(), "cases": found})
