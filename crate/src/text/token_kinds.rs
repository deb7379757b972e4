//! The kind of each token of a vocabulary: special, start of a word, or continuation of one.

use super::tokenizer::BertTokenizer;

/// The part that a token plays in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// No part of a word: `[CLS]`, `[SEP]`, `[UNK]` and the like.
    Special,
    /// Begins a word.
    Start,
    /// Continues the word before it: `##ing`.
    Continuation,
}

/// The kind of each id.
#[derive(Debug, Clone)]
pub struct TokenKinds(Vec<TokenKind>);

impl TokenKinds {
    /// The kinds of a tokenizer's ids.
    pub fn new(tokenizer: &BertTokenizer) -> Self {
        let kinds = tokenizer.tokens().into_iter().map(|token| match token {
            Some(token) if tokenizer.is_special(&token) => TokenKind::Special,
            Some(token) if token.starts_with("##") => TokenKind::Continuation,
            Some(_) => TokenKind::Start,
            None => TokenKind::Special,
        });
        Self(kinds.collect())
    }

    /// The kind of an id; special where no token has it.
    pub fn of(&self, id: u32) -> TokenKind {
        self.0.get(id as usize).copied().unwrap_or(TokenKind::Special)
    }

    /// One more than the largest id of a token.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
