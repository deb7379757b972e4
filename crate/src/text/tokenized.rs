//! Tokens as a person reads them, each with its place in the text.

use tokenizers::Encoding;

/// The tokens of a text or of a pair, special tokens included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokenized {
    /// The tokens as the vocabulary writes them: `##ing`, `\u{120}world`.
    pub tokens: Vec<String>,
    /// What is known of each, in five numbers.
    pub places: Vec<TokenPlace>,
    /// Whether tokens were cut off to fit `max_length`.
    pub truncated: bool,
}

/// A token's id; its segment; where it begins and ends in its text, in UTF-16 units; 1 for a special token that the text does
/// not hold, which begins and ends at 0.
pub type TokenPlace = [u32; 5];

impl Tokenized {
    /// `encoding` has offsets in bytes.
    pub(super) fn new(encoding: &Encoding, segments: Vec<u32>, texts: [&str; 2], truncated: bool) -> Self {
        let mut places = Vec::with_capacity(encoding.len());
        for (index, segment) in segments.into_iter().enumerate() {
            let text = texts[usize::from(encoding.token_to_sequence(index) == Some(1))];
            let (start, end) = encoding.get_offsets()[index];
            places.push([
                encoding.get_ids()[index],
                segment,
                units(text, start),
                units(text, end),
                encoding.get_special_tokens_mask()[index],
            ]);
        }
        Self {
            tokens: encoding.get_tokens().to_vec(),
            places,
            truncated,
        }
    }
}

/// How many UTF-16 units the first bytes of a text are.
fn units(text: &str, bytes: usize) -> u32 {
    let of_byte = |byte: &u8| match byte {
        0x80..=0xBF => 0,
        0xF0.. => 2,
        _ => 1,
    };
    text.as_bytes()[..bytes].iter().map(of_byte).sum()
}
