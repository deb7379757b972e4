"""Takes: two real checkpoints. Gives: data/real/NAME.{json,safetensors}, in forward's layout. May not
touch: the checkpoints; they are too large to commit and stay where they are."""
import os
import pathlib

import transformers

from . import forward
from .writing import DATA

SHARED = pathlib.Path(os.environ.get("BERTLET_SHARED", DATA.parents[3] / "shared"))
FOLDERS = {
    "all-MiniLM-L6-v2": pathlib.Path.home() / ".cache/bertlet/models/all-MiniLM-L6-v2",
    "minilm-l3-v14k-fp16": SHARED / "models/minilm-l3-v14k-fp16",
}
TEXTS = ["The battery lasts two days: wonderful!", "我国大学生, 很好"]
MAX_LENGTH = 12


def require() -> None:
    for name, folder in FOLDERS.items():
        if not (folder / "model.safetensors").is_file():
            raise SystemExit(
                f"generate: expected the checkpoint {name} in {folder}, found no model.safetensors; "
                "all-MiniLM-L6-v2 comes by fetch_minilm.py, the other lies under $BERTLET_SHARED (default: ../shared)"
            )


def write_all() -> None:
    for name, folder in FOLDERS.items():
        # Only all-MiniLM-L6-v2 carries a pooler.
        pooler = name == "all-MiniLM-L6-v2"
        model = transformers.BertModel.from_pretrained(folder, add_pooling_layer=pooler).double().eval()
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        weight, bias = forward.head(name, model.config.hidden_size, 3)
        forward.write(name, model, tokenizer, TEXTS, MAX_LENGTH, weight, bias, place="real")
