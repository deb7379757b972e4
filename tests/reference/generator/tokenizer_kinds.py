"""Takes: the strings and pairs. Gives: data/tokenizers: four small tokenizers of other kinds than BERT's, made as transformers'
converters make them; and their ids of every string, of pairs, and what they decode. May not touch: other data."""
import base64
import io
import json
import pathlib
import shutil
import tempfile
import unicodedata

import numpy
import sentencepiece
import transformers
from safetensors.numpy import save

from .byte_pairs import learn
from .pairs import pairs
from .strings import CASES, EMOJI, FRAGMENTS, SENTENCES, SPACES, WORDS, strings
from .vocabulary import uncased
from .writing import DATA, write_bytes, write_json

MAX_LENGTH = 48
PAIR_LENGTH = 19
DECODED = 30
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>",
           "pad_token": "<pad>", "mask_token": "<mask>"}
TEXTS = WORDS * 2 + SENTENCES + FRAGMENTS + EMOJI + [" ".join(WORDS[at : at + 7]) for at in range(len(WORDS))]
# Put into the strings, beside those of BERT that are there already.
OTHER_TEXTS = [
    "a <mask> b", "a<mask>", "<s></s>", "<pad> x", "<unk>", " lead", "trail ", "two  spaces", "\ttab\n\nlines\r\n", "Ġ▁",
    "it's don't WE'LL", "▁a ▁ b", "ﬁne ｆｕｌｌ", "a   \n  b", "x" * 300, "word " * 80, "   " * 40 + "end", "漢字" * 60 + " end",
]
OTHERWISE = {"roberta": [{"add_prefix_space": True}], "mpnet": [{"do_lower_case": False}, {"strip_accents": False}]}
# Told as an object, the mask keeps its flags in PreTrainedTokenizerFast.
MASK = {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "normalized": False, "rstrip": False, "single_word": False}


def added(tokens: dict[str, int], mask: str = "<mask>") -> list[dict]:
    flags = {"single_word": False, "rstrip": False, "normalized": False, "special": True}
    return [{"id": id, "content": token, "lstrip": token == mask, **flags} for token, id in tokens.items()]


def whole(model: dict, added_tokens: list, normalizer, pre_tokenizer, post_processor, decoder) -> dict:
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added_tokens, "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer, "post_processor": post_processor, "decoder": decoder, "model": model}


def template(cls: int, sep: int, segment: int = 0) -> dict:
    special = lambda id, kind: {"SpecialToken": {"id": id, "type_id": kind}}
    text = lambda id, kind: {"Sequence": {"id": id, "type_id": kind}}
    single = [special("<s>", 0), text("A", 0), special("</s>", 0)]
    pair = [*single, special("</s>", 0), text("B", segment), special("</s>", segment)]
    tokens = {token: {"id": token, "ids": [id], "tokens": [token]} for token, id in (("<s>", cls), ("</s>", sep))}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens}


def roberta() -> dict:
    vocab, merges = learn(TEXTS, 240)
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    roberta = {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": False}
    model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "",
             "fuse_unk": False, "vocab": vocab, "merges": [" ".join(pair) for pair in merges]}
    special = {token: vocab[token] for token in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")}
    return whole(model, added(special), None, byte_level, roberta, byte_level)


def rules() -> str:
    """Some of NFKC, white space to a space, and a few that vanish: a table of a few kilobytes."""
    hexes = lambda text: " ".join(f"{ord(c):X}" for c in text)
    composed = [unicodedata.normalize("NFD", c) for c in "éèüñçåÅÖガギパ한국어"]
    found = {c: unicodedata.normalize("NFKC", c) for c in [*CASES, *map(chr, range(0xFF01, 0xFF5F)), *composed]}
    found |= {c: " " for c in SPACES if c not in "\x85\u180e\u200b\ufeff"} | {c: "" for c in "\u200b\ufeff\x07\x7f"}
    return "".join(f"{hexes(a)}\t{hexes(b)}\n" for a, b in sorted(found.items()) if a != b)


def field(message: bytes, number: int) -> bytes:
    """The first field of bytes with this number in a message of protobuf."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 2:
            length = varint()
            if key >> 3 == number:
                return message[at : at + length]
            at += length
        else:
            at += {1: 8, 5: 4}.get(key & 7, 0)
            if key & 7 == 0:
                varint()
    raise KeyError(number)


def pieces() -> tuple[list[list], str]:
    """Tokens with their scores, and the table of the normalizer in base64, as SentencePiece trains them."""
    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder, "rules.tsv")
        table.write_text(rules(), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TEXTS), model_writer=model, model_type="unigram", vocab_size=420, num_threads=1,
            normalization_rule_tsv=str(table), character_coverage=0.98, minloglevel=2,
        )
    proto = model.getvalue()
    trained = sentencepiece.SentencePieceProcessor(model_proto=proto)
    scored = [[trained.id_to_piece(id), round(trained.get_score(id), 6)] for id in range(trained.get_piece_size())]
    assert [piece for piece, _ in scored[:3]] == ["<unk>", "<s>", "</s>"]
    # Field 3 of a model is its normalizer, whose field 2 is the table.
    return scored, base64.b64encode(field(field(proto, 3), 2)).decode()


def unigram(vocab: list[list], cls: int, sep: int, normalizer: dict, pre_tokenizer: dict, first: dict) -> dict:
    metaspace = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    special = {**first, "<mask>": len(vocab) - 1}
    model = {"type": "Unigram", "unk_id": 3, "vocab": vocab}
    return whole(model, added(special), normalizer, pre_tokenizer, template(cls, sep), metaspace)


def xlm_roberta(scored: list[list], charsmap: str) -> dict:
    """As the tokenizer.json of xlm-roberta-base."""
    first = {token: id for id, token in enumerate(["<s>", "<pad>", "</s>", "<unk>"])}
    vocab = [[token, 0.0] for token in first] + scored[3:] + [["<mask>", 0.0]]
    metaspace = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    words = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}
    return unigram(vocab, 0, 2, {"type": "Precompiled", "precompiled_charsmap": charsmap}, words, first)


def camembert(scored: list[list], charsmap: str) -> dict:
    """The vocabulary as CamembertConverter makes it: the tokens of fairseq before those of SentencePiece."""
    fairseq = [["<s>NOTUSED", 0.0], ["<pad>", 0.0], ["</s>NOTUSED", 0.0], ["<unk>", 0.0], ["<unk>NOTUSED", -100]]
    vocab = fairseq + scored[1:] + [["<mask>", 0.0]]
    first = {"<s>NOTUSED": 0, "<pad>": 1, "</s>NOTUSED": 2, "<unk>": 3, "<s>": 5, "</s>": 6}
    metaspace = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    words = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}
    return unigram(vocab, 5, 6, {"type": "Precompiled", "precompiled_charsmap": charsmap}, words, first)


def plain(scored: list[list], charsmap: str) -> dict:
    """As SpmConverter makes it of a model without a class of its own, which PreTrainedTokenizerFast reads as it is."""
    json = xlm_roberta(scored, charsmap)
    spaces = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
    json["normalizer"] = {"type": "Sequence", "normalizers": [json["normalizer"], spaces]}
    json["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    return json


def mpnet() -> dict:
    renamed = {"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>"}
    vocab = {renamed.get(token, token): id for id, token in enumerate(uncased())}
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
             "vocab": vocab}
    normalizer = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    special = {token: vocab[token] for token in ("<s>", "<pad>", "</s>", "[UNK]", "<mask>")}
    # MPNetConverter gives the second text a segment, which the model is never told.
    post_processor = template(vocab["<s>"], vocab["</s>"], segment=1)
    decoder = {"type": "WordPiece", "prefix": "##", "cleanup": True}
    return whole(model, added(special), normalizer, {"type": "BertPreTokenizer"}, post_processor, decoder)


def write(name: str, tokenizer: dict, class_name: str, settings: dict, texts: list[str]) -> None:
    folder = DATA / "tokenizers" / name
    config = {"tokenizer_class": class_name, "model_max_length": 64, **SPECIAL, **settings}
    text = json.dumps(tokenizer, ensure_ascii=True, separators=(",", ":"))
    write_bytes(f"tokenizers/{name}/tokenizer.json", text.encode("ascii"))
    write_json(f"tokenizers/{name}/tokenizer_config.json", config)
    found = transformers.AutoTokenizer.from_pretrained(folder)
    assert found.is_fast and type(found).__name__ == class_name, type(found)
    rows = [found(text, truncation=True, max_length=MAX_LENGTH)["input_ids"] for text in texts]
    tensors = {
        "input_ids": numpy.concatenate([numpy.asarray(row, dtype=numpy.uint16) for row in rows]),
        "lengths": numpy.asarray([len(row) for row in rows], dtype=numpy.uint16),
    }
    write_bytes(f"tokenizers/{name}/strings.safetensors", save(tensors))
    made = pairs()
    encoded = found(*map(list, zip(*made)), truncation="longest_first", max_length=PAIR_LENGTH)
    assert all(len(row) <= PAIR_LENGTH for row in encoded["input_ids"])
    shown = rows[:: len(rows) // DECODED][:DECODED]
    decode = lambda row, skip: found.decode(row, skip_special_tokens=skip, clean_up_tokenization_spaces=False)
    cases = [{"tokenizer_config": changes, "input_ids": otherwise(folder, config | changes)} for changes in OTHERWISE.get(name, [])]
    write_json(f"tokenizers/{name}/about.json", {
        "vocab_size": len(found), "max_length": MAX_LENGTH, "pair_length": PAIR_LENGTH,
        "pairs": encoded["input_ids"],
        "decoded": [{"input_ids": row, "text": decode(row, False), "without_special": decode(row, True)} for row in shown],
        "special": {"pad": found.pad_token_id, "mask": found.mask_token_id, "unknown": found.unk_token_id},
        "otherwise": cases,
    })


def otherwise(folder: pathlib.Path, config: dict) -> list[list[int]]:
    with tempfile.TemporaryDirectory() as changed:
        for name, text in (("tokenizer.json", (folder / "tokenizer.json").read_text()), ("tokenizer_config.json", json.dumps(config))):
            pathlib.Path(changed, name).write_text(text)
        return transformers.AutoTokenizer.from_pretrained(changed)(OTHER_TEXTS)["input_ids"]


def write_files_of(name: str, tokenizer: dict, texts: list[str]) -> None:
    """vocab.json and merges.txt, as a folder without tokenizer.json has them."""
    folder = DATA / "tokenizers" / name
    model = tokenizer["model"]
    write_bytes(f"tokenizers/{name}/vocab.json", json.dumps(model["vocab"]).encode("ascii"))
    write_bytes(f"tokenizers/{name}/merges.txt", "\n".join(["#version: 0.2", *model["merges"], ""]).encode())
    fast = transformers.AutoTokenizer.from_pretrained(folder)
    with tempfile.TemporaryDirectory() as older:
        for file in ("vocab.json", "merges.txt", "tokenizer_config.json"):
            shutil.copy(folder / file, older)
        slow = transformers.RobertaTokenizerFast.from_pretrained(older)
        assert slow(texts)["input_ids"] == fast(texts)["input_ids"], "the two forms differ"


def write_all() -> None:
    texts = strings() + OTHER_TEXTS
    write_json("tokenizers/other_texts.json", OTHER_TEXTS)
    byte_pairs, trained = roberta(), pieces()
    write("roberta", byte_pairs, "RobertaTokenizerFast", {"add_prefix_space": False}, texts)
    write_files_of("roberta", byte_pairs, texts)
    write("xlm_roberta", xlm_roberta(*trained), "XLMRobertaTokenizerFast", {}, texts)
    write("camembert", camembert(*trained), "CamembertTokenizerFast", {}, texts)
    write("plain_unigram", plain(*trained), "PreTrainedTokenizerFast", {"mask_token": MASK}, texts)
    write("mpnet", mpnet(), "MPNetTokenizerFast", {"unk_token": "[UNK]", "do_lower_case": True}, texts)
