"""Takes: texts. Gives: a small byte-level BPE vocabulary with its merges, the same each time: the `tokenizers` trainer's
depends on the order of a hash table. May not touch: files."""
from collections import Counter

from tokenizers.pre_tokenizers import ByteLevel

FIRST = ["<s>", "<pad>", "</s>", "<unk>"]


def words(texts: list[str]) -> Counter:
    split = ByteLevel(add_prefix_space=False)
    return Counter(tuple(word) for text in texts for word, _ in split.pre_tokenize_str(text))


def joined(word: tuple, pair: tuple[str, str]) -> tuple:
    parts, at = [], 0
    while at < len(word):
        both = word[at : at + 2] == pair
        parts.append(word[at] + word[at + 1] if both else word[at])
        at += 2 if both else 1
    return tuple(parts)


def learn(texts: list[str], count: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """The most frequent pair is joined first; of equals, the first in the order of text."""
    counted, merges = words(texts), []
    for _ in range(count):
        pairs = Counter()
        for word, times in counted.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        again = Counter()
        for word, times in counted.items():
            again[joined(word, best)] += times
        counted = again
    tokens = [*FIRST, *sorted(ByteLevel.alphabet()), *("".join(pair) for pair in merges), "<mask>"]
    tokens = list(dict.fromkeys(tokens))
    return {token: id for id, token in enumerate(tokens)}, merges
