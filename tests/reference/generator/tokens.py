"""Takes: the strings and four tokenizer folders. Gives: data/tokens: the strings, and for each tokenizer
their ids as transformers makes them; and those of a few texts where tokenizer_config.json says otherwise than
tokenizer.json. May not touch: the tokenizers' folders."""
import json
import pathlib
import shutil
import tempfile

import numpy
import transformers
from safetensors.numpy import save

from .real import FOLDERS
from .strings import strings
from .writing import DATA, write_bytes, write_json

TINY = ["sequence_classification_f32", "cased_vocab_f16"]
TINY_MAX_LENGTH = 48
REAL_MAX_LENGTH = 128
OTHERWISE = [
    {"do_lower_case": False}, {"strip_accents": False}, {"strip_accents": None, "do_lower_case": False},
    {"do_lower_case": False, "strip_accents": True}, {"tokenize_chinese_chars": False},
    {"do_lower_case": False, "tokenizer_class": "PreTrainedTokenizerFast"},
]
OTHERWISE_TEXTS = ["The Parcel is LATE, lâte or late", "快递late 快递", "très bien, Très BIEN", "pay 账单错了"]


def write(name: str, folder: object, texts: list[str], max_length: int) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    rows = [tokenizer(text, truncation=True, max_length=max_length) for text in texts]
    for row in rows:
        # So the file need not hold them: unpadded, the mask is all ones and the type ids all zeros.
        length = len(row["input_ids"])
        assert row["attention_mask"] == [1] * length and row["token_type_ids"] == [0] * length
    tensors = {
        "input_ids": numpy.concatenate([numpy.asarray(row["input_ids"], dtype=numpy.uint16) for row in rows]),
        "lengths": numpy.asarray([len(row["input_ids"]) for row in rows], dtype=numpy.uint16),
    }
    write_bytes(f"tokens/{name}.safetensors", save(tensors, metadata={"max_length": str(max_length)}))


def otherwise(folder: pathlib.Path, changes: dict) -> list[list[int]]:
    with tempfile.TemporaryDirectory() as changed:
        shutil.copytree(folder, changed, dirs_exist_ok=True)
        path = pathlib.Path(changed) / "tokenizer_config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))
        return transformers.AutoTokenizer.from_pretrained(changed)(OTHERWISE_TEXTS)["input_ids"]


def write_all() -> None:
    texts = strings()
    write_json("tokens/strings.json", texts)
    for name in TINY:
        write(name, DATA / "checkpoints" / name, texts, TINY_MAX_LENGTH)
    for name, folder in FOLDERS.items():
        write(name, folder, texts, REAL_MAX_LENGTH)
    lengths = {name: TINY_MAX_LENGTH for name in TINY} | {name: REAL_MAX_LENGTH for name in FOLDERS}
    write_json("tokens/max_lengths.json", lengths)
    folder = DATA / "checkpoints" / TINY[0]
    cases = [{"tokenizer_config": changes, "input_ids": otherwise(folder, changes)} for changes in OTHERWISE]
    assert len({str(case["input_ids"]) for case in cases}) > 3, "the texts tell too few cases apart"
    write_json("tokens/otherwise.json", {"checkpoint": TINY[0], "texts": OTHERWISE_TEXTS, "cases": cases})
