//! Where a long text may be cut, so that its first tokens stay as they are; how many tokens of it and of a pair are kept.

use std::borrow::Cow;

use serde_json::Value;
use tokenizers::{Encoding, TruncationDirection};

use super::model_kind::ModelKind;

/// Words at the end of a cut text that what was cut off might change.
const UNSETTLED_WORDS: usize = 2;
/// Characters after a limit in which white space is looked for.
const WORD: usize = 256;
/// Bytes of a text from which its words are looked at, and of a word from which it is shortened.
const LONG: usize = 8192;

/// Where texts of a tokenizer may be cut.
pub(super) struct Cuts {
    /// Bytes of the longest added token.
    longest_added: usize,
    /// Of WordPiece, where a text may be cut within words.
    words: Option<Words>,
}

/// BERT's words: runs of characters that neither white space, punctuation nor Chinese characters divide.
struct Words {
    /// A word of more characters is unknown.
    most_chars: usize,
    /// Whether a Chinese character is a word of its own.
    splits_chinese: bool,
    /// Whether an added token could stand within a word.
    may_hold_added: bool,
}

impl Cuts {
    /// None where a text's tokens depend on more than a little of what follows them.
    pub fn new<'a>(
        json: &Value,
        is_local: bool,
        kind: ModelKind,
        added: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<Self> {
        if !is_local || added.clone().any(|token| token.contains(char::is_whitespace)) {
            return None;
        }
        let splits_chinese = json["normalizer"]["handle_chinese_chars"] != false;
        let is_plain = |letter: char| is_plain(letter, splits_chinese);
        Some(Self {
            longest_added: added.clone().map(str::len).max().unwrap_or(0),
            words: (kind == ModelKind::WordPiece).then(|| Words {
                most_chars: json["model"]["max_input_chars_per_word"].as_u64().unwrap_or(100) as usize,
                splits_chinese,
                may_hold_added: added.clone().any(|token| token.chars().all(is_plain)),
            }),
        })
    }

    /// The start of `text` of about `limit` characters, and how many of its last words what follows might change; all of
    /// it where there is no place to cut.
    pub fn cut<'t>(&self, text: &'t str, limit: usize) -> (&'t str, usize) {
        let Some((start, _)) = text.char_indices().nth(limit) else {
            return (text, 0);
        };
        let rest = &text[start..];
        let near = match self.words {
            None => rest,
            Some(_) => rest.char_indices().nth(WORD).map_or(rest, |(end, _)| &rest[..end]),
        };
        match near.find([' ', '\n', '\t', '\r']) {
            Some(offset) => (&text[..start + offset], UNSETTLED_WORDS),
            // A part of an added token is at most as many words as it has bytes.
            None if near.len() < rest.len() => (&text[..start], UNSETTLED_WORDS + self.longest_added),
            None => (text, 0),
        }
    }

    /// The text with the middle of long words left out that are unknown without it, too. `chars_of` gives the characters of
    /// a text that is one word, after normalization.
    pub fn without_long_words<'t>(&self, text: &'t str, chars_of: impl Fn(&str) -> Option<usize>) -> Cow<'t, str> {
        let Some(words) = self.words.as_ref().filter(|words| !words.may_hold_added) else {
            return text.into();
        };
        if text.len() <= LONG || words.most_chars > LONG / 8 {
            return text.into();
        }
        let (mut shorter, mut done) = (String::new(), 0);
        let mut rest = text;
        while let Some(start) = rest.find(|letter| is_plain(letter, words.splits_chinese)) {
            let run = &rest[start..];
            let end = run.find(|letter| !is_plain(letter, words.splits_chinese));
            let run = &run[..end.unwrap_or(run.len())];
            let run_start = text.len() - rest.len() + start;
            rest = &rest[start + run.len()..];
            if run.len() <= LONG + self.longest_added {
                continue;
            }
            // Accents and the like may be no characters of the word.
            let head = run.char_indices().nth(2 * words.most_chars + 1);
            let Some(head) = head.map(|(end, _)| end) else { continue };
            if chars_of(&run[..head]).is_some_and(|chars| chars > words.most_chars) {
                let tail = run.len() - self.longest_added - 1;
                let tail = (0..=tail).rev().find(|&at| run.is_char_boundary(at)).unwrap_or(0);
                shorter.push_str(&text[done..run_start + head]);
                done = run_start + tail.max(head);
            }
        }
        match done {
            0 => text.into(),
            _ => (shorter + &text[done..]).into(),
        }
    }
}

/// Whether a character belongs to its neighbours' word, whatever they are.
fn is_plain(letter: char, splits_chinese: bool) -> bool {
    let is_chinese =
        || matches!(letter as u32, 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x2FA1F);
    letter.is_alphanumeric() && !(splits_chinese && is_chinese())
}

/// Normalizers of a character and its neighbours, or of the text's ends.
#[cfg(any_tokenizer)]
const LOCAL_NORMALIZERS: [&str; 13] = [
    "BertNormalizer",
    "Lowercase",
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "Nmt",
    "Precompiled",
    "Prepend",
    "Strip",
    "StripAccents",
    "ByteLevel",
    "Sequence",
];
/// Patterns of spaces that SentencePiece's normalizer joins.
#[cfg(any_tokenizer)]
const LOCAL_PATTERNS: [&str; 2] = [" {2,}", "\\s+"];

/// Whether a tokenizer's words depend only on themselves and a neighbour, and white space ends a word: what follows a
/// text then changes no more than its last two words.
#[cfg(any_tokenizer)]
pub(super) fn is_local(json: &Value) -> bool {
    let is_local_normalizer = |one: &Value| {
        let pattern = one["pattern"]["Regex"].as_str();
        let name = one["type"].as_str().unwrap_or_default();
        LOCAL_NORMALIZERS.contains(&name)
            || (name == "Replace" && pattern.is_none_or(|it| LOCAL_PATTERNS.contains(&it)))
    };
    let parts = |part: &str, of: &str| -> Vec<Value> {
        let all = json[part][of].as_array().cloned();
        all.unwrap_or_else(|| Some(json[part].clone()).filter(Value::is_object).into_iter().collect())
    };
    let splits = |one: &Value| match one["type"].as_str().unwrap_or_default() {
        "ByteLevel" => one["use_regex"] != false,
        "Metaspace" => one["split"] != false,
        "WhitespaceSplit" | "Whitespace" | "BertPreTokenizer" => true,
        _ => false,
    };
    let pre_tokenizers = parts("pre_tokenizer", "pretokenizers");
    let words = |one: &Value| {
        splits(one)
            || ["Digits", "Punctuation", "Metaspace"]
                .iter()
                .any(|name| one["type"] == *name)
    };
    parts("normalizer", "normalizers").iter().all(is_local_normalizer)
        && pre_tokenizers.iter().any(splits)
        && pre_tokenizers.iter().all(words)
}

/// Drops all but the first tokens, or with `Left` all but the last.
pub(super) fn keep(encoding: &mut Encoding, kept: usize, side: TruncationDirection) {
    encoding.truncate(kept, 0, side);
    encoding.take_overflowing();
}

/// How many tokens each of two texts keeps within `available`, as in tokenizers' `truncate_encodings`: longest first.
pub(super) fn longest_first([first, second]: [usize; 2], available: usize) -> [usize; 2] {
    if first + second <= available {
        return [first, second];
    }
    let (short, swapped) = (first.min(second), first > second);
    let long = short.max(available.saturating_sub(short));
    let (short, long) = match short + long > available {
        true => (available / 2, available / 2 + available % 2),
        false => (short, long),
    };
    if swapped { [long, short] } else { [short, long] }
}
