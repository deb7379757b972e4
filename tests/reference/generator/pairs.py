"""Takes: texts and three tokenizers. Gives: data/model_selection/pairs*: ids and token types of 60 pairs of texts, cut longest
first, and a classifier's logits for some. May not touch: the tokenizers' folders."""
import numpy
import torch
import transformers
from safetensors.numpy import save

from . import checkpoints, classifier, forward
from .real import FOLDERS
from .writing import DATA, random, write_bytes, write_json, write_tensors

PAIRS = 60
# Odd and even, and short, so that one side, the other, both or none is cut.
MAX_LENGTHS = {classifier.CHECKPOINT: 16, "cased_vocab_f16": 13, "all-MiniLM-L6-v2": 21}
BATCH = [0, 1, 4, 7, 11, 30]


def pairs() -> list[list[str]]:
    texts = [text for text, _ in classifier.ROWS] + forward.TEXTS
    texts += [" ".join(texts[i : i + 3]) for i in range(0, 12, 3)]
    long = texts[-1]
    made = [["", ""], ["", "refund my money please"], ["快递没到", ""], [long, long], [long, "late"], ["late", long]]
    numbers = random("choosing pairs")
    while len(made) < PAIRS:
        made.append([texts[i] for i in numbers.integers(len(texts), size=2)])
    return made


def write(name: str, folder: object, rows: list[list[str]]) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    assert tokenizer.is_fast
    # All in one call: alone, a pair whose second text is empty would be taken for a single text.
    encoded = tokenizer(*map(list, zip(*rows)), truncation="longest_first", max_length=MAX_LENGTHS[name])
    flat = lambda key: numpy.concatenate([numpy.asarray(row, dtype=numpy.uint16) for row in encoded[key]])
    lengths = numpy.asarray([len(row) for row in encoded["input_ids"]], dtype=numpy.uint16)
    tensors = {"input_ids": flat("input_ids"), "token_type_ids": flat("token_type_ids"), "lengths": lengths}
    assert (flat("attention_mask") == 1).all() and (lengths == MAX_LENGTHS[name]).sum() > 10
    write_bytes(f"model_selection/pairs_{name}.safetensors", save(tensors))


def write_all() -> None:
    rows = pairs()
    write_json("model_selection/pairs.json", {"max_lengths": MAX_LENGTHS, "batch": BATCH, "pairs": rows})
    for name in MAX_LENGTHS:
        write(name, FOLDERS.get(name, DATA / "checkpoints" / name), rows)
    first, second = zip(*(rows[i] for i in BATCH))
    batch = classifier.tokenizer()(
        list(first), list(second), padding="longest", truncation="longest_first",
        max_length=MAX_LENGTHS[classifier.CHECKPOINT], return_tensors="pt",
    )
    with torch.no_grad():
        logits = checkpoints.load_classifier(classifier.CHECKPOINT)(**batch).logits
    write_tensors("model_selection/pairs_batch.safetensors", {**batch, "logits": logits})
