"""Takes: the strings of data/tokens. Gives: data/tokens/learned.json: words with how often each comes, and the WordPiece
vocabularies that the tokenizers library learns from them. May not touch: anything else."""
import re

from tokenizers import BertWordPieceTokenizer

from .strings import strings
from .writing import random, write_json

WORDS = 1000
# Where two pairs come equally often, the trainer decides by the order of a hash table, which is another one in each run. Up to
# these sizes that happens to change nothing: so many runs say so.
SIZES = [250, 500]
RUNS = 20
# What bertlet takes of each vocabulary for single characters.
MOST_CHARACTERS = 1000


def words() -> dict[str, int]:
    found = dict.fromkeys(word for text in strings() for word in re.findall(r"\w{3,14}", text))
    return dict(zip(list(found)[:WORDS], map(int, random("learned").integers(3, 2000, WORDS))))


def vocabulary(counts: dict[str, int], size: int) -> list[str]:
    tokenizer = BertWordPieceTokenizer()
    characters = min(MOST_CHARACTERS, (size - 5) // 2)
    texts = [f"{word} " * count for word, count in counts.items()]
    tokenizer.train_from_iterator(texts, vocab_size=size, limit_alphabet=characters, show_progress=False)
    return sorted(tokenizer.get_vocab())


def write_all() -> None:
    counts = words()
    vocabularies = {}
    for size in SIZES:
        vocabularies[str(size)] = vocabulary(counts, size)
        assert all(vocabulary(counts, size) == vocabularies[str(size)] for _ in range(RUNS)), f"{size}: a tie is cut in two"
    write_json("tokens/learned.json", {"counts": counts, "vocabularies": vocabularies})
