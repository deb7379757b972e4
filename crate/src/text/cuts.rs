//! Where a long text may be cut, so that its first tokens stay as they are; how many tokens of it and of a pair are kept.

#[cfg(any_tokenizer)]
use serde_json::Value;
use tokenizers::{Encoding, TruncationDirection};

/// The start of `text` that ends at the first white space after `limit` characters; all of it without such white space.
pub(super) fn cut_at_white_space(text: &str, limit: usize) -> &str {
    let Some((start, _)) = text.char_indices().nth(limit) else {
        return text;
    };
    match text[start..].find([' ', '\n', '\t', '\r']) {
        Some(offset) => &text[..start + offset],
        None => text,
    }
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

/// Drops all but the first tokens.
pub(super) fn keep(encoding: &mut Encoding, kept: usize) {
    encoding.truncate(kept, 0, TruncationDirection::Right);
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
