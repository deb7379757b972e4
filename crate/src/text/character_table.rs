//! A SentencePiece model's table of characters (`precompiled_charsmap`): a trie of texts in a double array (Aoe 1989), and what
//! stands in their place. The crate that reads it believes its numbers: one too large takes gigabytes, a wrong one panics.

use serde_json::Value;

use crate::{Error, Result};

/// Bytes of the table's length, and of each number of its array.
const WORD: usize = 4;
/// The largest byte of a text in UTF-8.
const LAST_BYTE: usize = 0xf4;
/// Bytes that may stand in a character's place; the longest that SentencePiece writes has 33.
const MOST_BYTES: usize = 1000;

/// Checks the tables of a normalizer, and of those in it: whatever a text, each step stays within the array, and each end points at
/// a character.
///
/// # Errors
/// `bad-tokenizer`.
pub(super) fn check(normalizer: &Value) -> Result<()> {
    if normalizer["type"] != "Precompiled" {
        let parts = normalizer["normalizers"].as_array();
        return parts.into_iter().flatten().try_for_each(check);
    }
    let text = normalizer["precompiled_charsmap"].as_str();
    let bytes = text.and_then(|text| base64::decode(text).ok());
    match bytes.is_some_and(|bytes| is_sound(&bytes)) {
        true => Ok(()),
        false => Err(Error::bad_tokenizer(
            "tokenizer.json: normalizer: expected SentencePiece's table of characters in precompiled_charsmap, found one that is broken",
        )),
    }
}

fn is_sound(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first_chunk::<WORD>() else {
        return false;
    };
    let Some((array, texts)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize / WORD * WORD) else {
        return false;
    };
    let (array, _) = array.as_chunks::<WORD>();
    let units: Vec<Unit> = array
        .iter()
        .map(|word| Unit(u32::from_le_bytes(*word) as usize))
        .collect();
    std::str::from_utf8(texts).is_ok_and(|texts| every_walk_ends(&units, texts))
}

/// A number of the array.
#[derive(Clone, Copy)]
struct Unit(usize);

impl Unit {
    fn has_leaf(self) -> bool {
        self.0 >> 8 & 1 == 1
    }

    fn value(self) -> usize {
        self.0 & ((1 << 31) - 1)
    }

    fn label(self) -> usize {
        self.0 & (1 << 31 | 0xff)
    }

    fn offset(self) -> usize {
        (self.0 >> 10) << ((self.0 & 1 << 9) >> 6)
    }
}

/// Walks all texts that the trie has, and one byte beyond each.
fn every_walk_ends(units: &[Unit], texts: &str) -> bool {
    let Some(root) = units.first().map(|unit| unit.offset()) else {
        return false;
    };
    let mut reached = vec![false; units.len()];
    let mut open = vec![root];
    while let Some(place) = open.pop() {
        match reached.get_mut(place) {
            None => return false,
            Some(true) => continue,
            Some(reached) => *reached = true,
        }
        for byte in 1..=LAST_BYTE {
            let Some(unit) = units.get(place ^ byte) else {
                return false;
            };
            if unit.label() != byte {
                continue;
            }
            let next = place ^ byte ^ unit.offset();
            if unit.has_leaf() && !units.get(next).is_some_and(|leaf| is_replacement(texts, leaf.value())) {
                return false;
            }
            open.push(next);
        }
    }
    true
}

/// Whether a text begins at `start`, and ends soon.
fn is_replacement(texts: &str, start: usize) -> bool {
    texts.is_char_boundary(start) && {
        let mut bytes = texts.as_bytes()[start..].iter().copied();
        bytes.by_ref().take(MOST_BYTES).any(|byte| byte == 0) || bytes.next().is_none()
    }
}
