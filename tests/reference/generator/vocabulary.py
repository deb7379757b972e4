"""Takes: nothing. Gives: two small WordPiece vocabularies of our own, one lower-cased, one cased, and
their Hugging Face tokenizers. May not touch: files other than those it is told to write."""
import json
import pathlib
import string
import tempfile

from transformers import BertTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = (
    "the a is was and not my it to in parcel order late box arrive ship refund bill card pay charge twice "
    "money price great love thank happy good bad quick service work fix please mask pad sep un believe"
).split()
CHINESE = "包裹快递迟到了没收账单错钱退款扣费很好喜欢谢我的是不在服务真"
PIECES = ["ing", "ed", "able", "s", "er", "ful", "ly", "ment", "un"]
PUNCTUATION = ".,!?'\"-:;()[]/@#%&*+=_$~"
# Letters that a lower-casing tokenizer reaches after it has stripped accents and split Hangul into jamo.
PLAIN = "абвде" + "αβγ" + "شلم" + "שלם" + "กขค" + "のはをカナ" + "\u1112\u1161\u11ab\u1100\u1173\u11af" + "ß😀🚀"
CASED = "éèñüÄÖçåİı" + "АБа" + "ΑΩω" + "한국어" + "のガー" + "ﬁ" + "😀"


def uncased() -> list[str]:
    """[PAD] first, as in bert-base-uncased."""
    letters = [*string.ascii_lowercase, *string.digits]
    tokens = [SPECIAL[0], "[unused0]", "[unused1]", *SPECIAL[1:], *PUNCTUATION, *letters]
    tokens += ["##" + c for c in letters] + WORDS + ["##" + p for p in PIECES] + [*CHINESE, *PLAIN]
    tokens += ["##" + c for c in PLAIN[:12]]
    return list(dict.fromkeys(tokens))


def cased() -> list[str]:
    letters = [*string.ascii_letters, *string.digits]
    words = [w.capitalize() for w in WORDS[::3]] + WORDS[1::3]
    tokens = [*SPECIAL, *PUNCTUATION[:8], *letters, *("##" + c for c in letters)]
    return list(dict.fromkeys(tokens + words + [*CHINESE[:12], *CASED] + ["##" + c for c in CASED]))


def special_last(tokens: list[str]) -> list[str]:
    """The special tokens moved to the end, [PAD] last: no id may be taken for granted."""
    return [t for t in tokens if t not in SPECIAL] + SPECIAL[::-1]


def tokenizer(tokens: list[str], lower_case: bool) -> BertTokenizerFast:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "vocab.txt")
        path.write_text("\n".join(tokens) + "\n", encoding="utf-8")
        return BertTokenizerFast(vocab_file=str(path), do_lower_case=lower_case, model_max_length=64)


def tokenizer_config(lower_case: bool) -> bytes:
    names = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
    config = {"tokenizer_class": "BertTokenizer", "do_lower_case": lower_case, "model_max_length": 64, **names}
    return (json.dumps(config, indent=1) + "\n").encode()
