//! Takes a tokenizer; gives what each of its tokens is to work on whole words.

use super::tokenizer::BertTokenizer;

/// What a token is to a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `[CLS]`, `[SEP]` and the like, `[UNK]` too: no part of a word.
    Special,
    /// Begins a word.
    Start,
    /// Goes on with the word before it: `##ing`.
    Piece,
}

/// The kind of each id.
#[derive(Debug, Clone)]
pub struct Kinds(Vec<Kind>);

impl Kinds {
    /// Of a tokenizer's ids.
    pub fn of(tokenizer: &BertTokenizer) -> Self {
        let kinds = tokenizer.tokens().into_iter().map(|token| match token {
            Some(token) if tokenizer.is_special(&token) => Kind::Special,
            Some(token) if token.starts_with("##") => Kind::Piece,
            Some(_) => Kind::Start,
            None => Kind::Special,
        });
        Self(kinds.collect())
    }

    /// Of an id; special where no token has it.
    pub fn of_id(&self, id: u32) -> Kind {
        self.0.get(id as usize).copied().unwrap_or(Kind::Special)
    }

    /// Ids up to the last that has a token.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
