"""Takes: tokenizer folders and a few texts and pairs. Gives: data/tokens/offsets.json: each token as transformers names
it, with its place in the text in UTF-16 units. May not touch: the tokenizers' folders."""
import transformers

from .writing import DATA, write_json

MAX_LENGTH = 12
TEXTS = ["The parcel is late.", "  Très   BIEN, the pårcel!", "账单 late", "I am 😀 late 😀!", "a [MASK] b[SEP]c", "<mask> late</s>", "e\u0301te\u0301 \ufb01ne", "",
         "the parcel is late and the bill is wrong and the app is slow again and again"]
PAIRS = [("The parcel", "is 😀 late"), ("the parcel is late and the bill is wrong", "late again")]


def units(text: str, characters: int) -> int:
    return len(text[:characters].encode("utf-16-le")) // 2


def row(tokenizer: object, text: str, pair: str | None) -> dict:
    arguments = (text,) if pair is None else (text, pair)
    found = tokenizer(*arguments, truncation=True, max_length=MAX_LENGTH, return_offsets_mapping=True, return_special_tokens_mask=True)
    texts = {None: "", 0: text, 1: pair}
    offsets = [[units(texts[of], place) for place in places] for of, places in zip(found.sequence_ids(), found["offset_mapping"])]
    return {"text": text, "pair": pair, "tokens": found.tokens(), "input_ids": found["input_ids"], "offsets": offsets,
            "special_tokens_mask": found["special_tokens_mask"],
            "truncated": len(tokenizer(*arguments)["input_ids"]) > MAX_LENGTH}


def write_all() -> None:
    cases = [(text, None) for text in TEXTS] + PAIRS
    folders = ["checkpoints/sequence_classification_f32", "checkpoints/cased_vocab_f16", "tokenizers/roberta", "tokenizers/xlm_roberta", "tokenizers/mpnet"]
    tokenizers = {folder: transformers.AutoTokenizer.from_pretrained(DATA / folder) for folder in folders}
    write_json("tokens/offsets.json", {
        "max_length": MAX_LENGTH,
        "tokenizers": {folder: [row(tokenizer, *case) for case in cases] for folder, tokenizer in tokenizers.items()},
    })
