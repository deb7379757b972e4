"""Takes: the strings and four tokenizer folders. Gives: data/tokens: the strings, and for each tokenizer
their ids as transformers makes them. May not touch: the tokenizers' folders."""
import numpy
import transformers
from safetensors.numpy import save

from .real import FOLDERS
from .strings import strings
from .writing import DATA, write_bytes, write_json

TINY = ["sequence_classification_f32", "cased_vocab_f16"]
TINY_MAX_LENGTH = 48
REAL_MAX_LENGTH = 128


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


def write_all() -> None:
    texts = strings()
    write_json("tokens/strings.json", texts)
    for name in TINY:
        write(name, DATA / "checkpoints" / name, texts, TINY_MAX_LENGTH)
    for name, folder in FOLDERS.items():
        write(name, folder, texts, REAL_MAX_LENGTH)
    lengths = {name: TINY_MAX_LENGTH for name in TINY} | {name: REAL_MAX_LENGTH for name in FOLDERS}
    write_json("tokens/max_lengths.json", lengths)
