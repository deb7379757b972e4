//! What every tokenizer can do: text to token ids, and back.

use super::{batch::Row, token_kinds::TokenKinds, tokenized::Tokenized};
use crate::{Error, Result};

/// A tokenizer that truncates to a length and never pads.
pub trait Tokenizer {
    /// Token ids of one text.
    ///
    /// # Errors
    /// `bad-tokenizer` where the tokenizer has no token for something and no unknown token.
    fn encode(&self, text: &str) -> Result<Row>;

    /// Token ids of a pair of texts, cut as transformers' `longest_first` does: the longer of the two gives up its last
    /// tokens, and where both are longer than half of the available, they share it.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    fn encode_pair(&self, text: &str, pair: &str) -> Result<Row>;

    /// Token ids of texts and pairs, in their order. `pairs` has the second text of a pair at the first one's index; it may be
    /// shorter than `texts`.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    fn encode_all(&self, texts: &[String], pairs: &[Option<String>]) -> Result<Vec<Row>> {
        let rows = texts.iter().enumerate().map(|(index, text)| match pairs.get(index) {
            Some(Some(pair)) => self.encode_pair(text, pair),
            _ => self.encode(text),
        });
        rows.collect()
    }

    /// The tokens of a text or of a pair, the very ones of [`Tokenizer::encode`] and [`Tokenizer::encode_pair`], as a person
    /// reads them.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    fn tokenize(&self, text: &str, pair: Option<&str>) -> Result<Tokenized>;

    /// The tokens that others have to know.
    fn special(&self) -> &SpecialIds;

    /// The part that each token plays in a word.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    fn kinds(&self) -> Result<TokenKinds>;

    /// The text of ids, as transformers' `decode`.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    fn decode(&self, ids: &[u32], skip_special_tokens: bool) -> Result<String>;

    /// `tokenizer.json`, without the source's padding and truncation.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    fn to_json(&self) -> Result<String>;

    /// `tokenizer_config.json`, with the settings by which transformers makes the same tokenizer.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    fn to_config_json(&self) -> Result<String>;

    /// Id of the padding token, else 0. Padded positions are masked and change no result.
    fn pad_id(&self) -> u32 {
        self.special().pad.unwrap_or(0)
    }

    /// The id of the mask.
    ///
    /// # Errors
    /// `bad-tokenizer` where there is none.
    fn mask_id(&self) -> Result<u32> {
        let SpecialIds { mask, mask_token, .. } = self.special();
        mask.ok_or_else(|| Error::bad_tokenizer(format!("the vocabulary lacks the token {mask_token}")))
    }

    /// Number of unknown tokens of a row: words that the vocabulary lacks.
    fn unknown_tokens(&self, row: &Row) -> u32 {
        let unknown = self.special().unknown;
        row.input_ids.iter().filter(|&&id| Some(id) == unknown).count() as u32
    }
}

/// Ids of the tokens that a model's user has to know; none where the vocabulary lacks one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialIds {
    /// The padding token.
    pub pad: Option<u32>,
    /// The unknown token.
    pub unknown: Option<u32>,
    /// The mask.
    pub mask: Option<u32>,
    /// How the mask is written in a text: `[MASK]`, `<mask>`.
    pub mask_token: String,
}
