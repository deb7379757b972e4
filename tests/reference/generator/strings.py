"""Takes: nothing. Gives: at least 2,000 seeded strings that a tokenizer may stumble over. May not touch:
files. Random code points are drawn from those that Unicode 14 assigns, so that a newer table agrees."""
import unicodedata

from .writing import random

WORDS = (
    "the parcel arrived two days late and nobody answered unbelievable tokenization of internationalisation "
    "HTTPServer snake_case camelCase don't won't it's e-mail naïve café Zürich São résumé jalapeño Ångström fiancée "
    "Đà Nẵng Việt Tiếng Łódź żółć Çağrı İstanbul ılık straße STRASSE Ærøskøbing þing œuvre Škoda año déjà-vu coöperate "
    "Привет мир ёлка Йод Ελληνικά λόγος ΣΊΣΥΦΟΣ ὕδωρ քաղաք საქართველო"
).split()
SENTENCES = [
    "这家餐厅的服务非常好,我会再来。", "快递晚了三天,客服也不回复!", "我在北京大学学习计算机科学", "繁體中文也可以嗎?價錢是多少",
    "今日はとても良い天気ですね。", "カタカナとひらがなと漢字", "ガギグゲゴ パピプペポ", "ﾊﾝｶｸ ｶﾀｶﾅ ﾃﾞｽ", "東京タワーに行きました!",
    "안녕하세요, 반갑습니다.", "배송이 너무 늦었어요", "한국어 텍스트와 English", "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "مرحبا بالعالم", "السَّلَامُ عَلَيْكُمْ", "التوصيل متأخر جدا؟", "שלום עולם", "בְּרֵאשִׁית בָּרָא", "המשלוח איחר מאוד",
    "สวัสดีชาวโลก", "การจัดส่งล่าช้ามาก", "ภาษาไทยไม่มีช่องว่าง", "नमस्ते दुनिया", "हिन्दी में क्षेत्र", "বাংলা ভাষা", "தமிழ் மொழி",
    "မြန်မာဘာသာ", "ភាសាខ្មែរ", "ພາສາລາວ", "བོད་སྐད", "አማርኛ ቋንቋ", "𐍈𐌰𐌹𐌻 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝐁𝐨𝐥𝐝 𝕏",
]
EMOJI = [
    "😀", "🚀", "❤️", "❤", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇨🇳", "👩🏿‍🚀", "1️⃣", "☺️", "🤷🏻‍♀️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "⌚", "™️", "©", "🀄", "🧑‍🤝‍🧑",
]
SPACES = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u2000\u2003\u2007\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
CONTROLS = "\x00\x01\x02\x07\x08\x0e\x1a\x1b\x7f\x80\x84\x9f\xad\u0600\u061c\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufff9\ufffb\U000e0001\U000e0041"
STRANGE = "\ufffd\ue000\uf8ff\U000f0000\U0010fffd\ufffe\uffff\U0001ffff\ufdd0\u0378\ufffc"
COMBINING = "\u0300\u0301\u0302\u0303\u0304\u0307\u0308\u030a\u030c\u0323\u0327\u0328\u0338\u0345\u035c\u0488\u05b0\u064b\u093c\u0e31\u20d0\u20e3\u3099\u309a\ufe0f\ufe20"
CASES = "ßẞİıſŉǅǆΣςσŸÿﬁﬃﬆKÅΩµªº½¾⅓²³₁①Ⅳⅻ㈱㍿％＃ＡｂＣ１２３٣४๕৫ㄅ㐀䶿一鿿豈﫿𠀀𪛖𫝀丽⼀⺀々〆〇ゝヿ㆐ー・。、「」"
SPECIAL = ["[MASK]", "[SEP]", "[CLS]", "[PAD]", "[UNK]", "[mask]", "[ MASK ]", "[MASK", "MASK]", "[[SEP]]", "[unused1]", "##ing", "##", "#"]
FRAGMENTS = [
    "https://example.org/a?b=c&d=%20#top", "someone@example.com", "<b class='x'>bold</b>", "{\"key\": [1, 2.5e-3, null]}", "C:\\Users\\me",
    "3.14159", "1,234,567.89", "-40°C", "$19.99", "€5", "£3", "¥100", "50%", "2024-02-29T23:59:59Z", "+1 (555) 010-9999", "10^-5", "a+b=c", "x<y>z",
    "snake_case_name", "kebab-case-name", "...", "…", "--", "—", "–", "''", "\u2018quoted\u2019", "\u201cquoted\u201d", "«guillemets»", "¿qué?", "¡no!", "#tag", "@user", "~/.bashrc", "`code`", "^_^", "|pipe|",
]
# From, to (inclusive): where a code point's category, decomposition or CJK membership matters.
RANGES = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x250, 0x36F), (0x370, 0x52F), (0x530, 0x6FF), (0x700, 0xDFF), (0xE00, 0x13FF),
    (0x1400, 0x1CFF), (0x1D00, 0x1FFF), (0x2000, 0x20FF), (0x2100, 0x22FF), (0x2300, 0x2BFF), (0x2C00, 0x2E7F), (0x2E80, 0x303F),
    (0x3040, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFB00, 0xFEFF),
    (0xFF00, 0xFFEF), (0x10000, 0x10FFF), (0x11000, 0x16FFF), (0x1B000, 0x1D7FF), (0x1E000, 0x1FAFF), (0x20000, 0x2FA1F),
]


def assigned(low: int, high: int) -> list[str]:
    return [chr(c) for c in range(low, high + 1) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]


class Drawer:
    """Seeded choices; plain lists in, plain strings out."""

    def __init__(self) -> None:
        self.numbers = random("tokenizer strings")

    def number(self, low: int, high: int) -> int:
        return int(self.numbers.integers(low, high + 1))

    def one(self, items: str | list[str]) -> str:
        return items[self.number(0, len(items) - 1)]

    def some(self, items: str | list[str], low: int, high: int, between: str = "") -> str:
        return between.join(self.one(items) for _ in range(self.number(low, high)))

    def spliced(self, text: str, items: str | list[str], count: int) -> str:
        """`text` with `count` of the items put in anywhere."""
        for _ in range(count):
            at = self.number(0, len(text))
            text = text[:at] + self.one(items) + text[at:]
        return text


def fixed() -> list[str]:
    """Every item alone and inside a word, and the edges of WordPiece's longest word (100 characters)."""
    found = ["", " ", "   ", "\n", "\t \n", "\u3000", "\x00", "\x00\x00", "a\x00b", *SPECIAL, *FRAGMENTS, *EMOJI, *WORDS, *SENTENCES]
    found += [f"a{c}b" for c in SPACES + CONTROLS + STRANGE + CASES] + [f"e{c}" for c in COMBINING] + [f"{c} 字{c}" for c in COMBINING]
    found += [f"x{s}y" for s in SPECIAL] + [f" {s} {s}{s}" for s in SPECIAL[:5]] + [s + "." for s in WORDS]
    for length in (99, 100, 101, 102, 199, 200, 201, 260):
        found += [c * length for c in "aé1漢가ß-"] + ["ab" * (length // 2) + " tail", "un" + "believ" * (length // 6) + "able"]
    found += ["a" * 99 + "é", "a" * 100 + "\u0301", "a" * 100 + "\u200d", "a" * 100 + ".", "the " * 127, "the " * 140, "漢" * 126, "漢" * 127]
    return found


def drawn() -> list[str]:
    d = Drawer()
    ranges = [assigned(low, high) for low, high in RANGES]
    found = []
    for _ in range(200):
        found.append(d.some(WORDS, 1, 9, " "))
    for _ in range(150):
        found.append(d.spliced(d.some(SENTENCES, 1, 2), WORDS + EMOJI, 1))
    for _ in range(100):
        found.append(d.spliced(d.some(WORDS, 2, 5, " "), SPECIAL, d.number(1, 3)))
        found.append(d.spliced(d.some(WORDS, 2, 4, " "), SPACES, d.number(1, 4)))
        found.append(d.spliced(d.some(WORDS + SENTENCES, 1, 3), CONTROLS + STRANGE, d.number(1, 4)))
        found.append(d.spliced(d.some(WORDS + SENTENCES, 1, 3), COMBINING, d.number(1, 6)))
        found.append(d.some(FRAGMENTS, 1, 3, " ") + d.one(["", " ", ", "]) + d.one(WORDS))
        found.append(d.some(EMOJI, 1, 4, d.one(["", " "])) + d.one(WORDS))
        found.append(d.some(CASES, 1, 8, d.one(["", " "])))
    for _ in range(16):
        for characters in ranges:
            found.append(d.some(characters, 1, 6) + d.one(["", " ", "a", "字"]) + d.some(characters, 1, 3))
    for _ in range(200):
        found.append("".join(d.one(d.one(ranges)) for _ in range(d.number(1, 12))))
    for _ in range(40):
        found.append(d.some("abcdefghijklmnopqrstuvwxyz", 60, 240))
    for _ in range(10):
        found.append(d.some(WORDS + SENTENCES + FRAGMENTS, 30, 60, " "))
    return found


def strings() -> list[str]:
    found = list(dict.fromkeys(fixed() + drawn()))
    assert len(found) >= 2000, f"expected at least 2,000 strings, found {len(found)}"
    return found
