//! The kind of each token of a vocabulary: special, start of a word, or continuation of one.

#[cfg(any_tokenizer)]
use serde_json::Value;

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

impl From<Vec<TokenKind>> for TokenKinds {
    /// The kinds by id, up to the largest; special where no token has an id.
    fn from(kinds: Vec<TokenKind>) -> Self {
        Self(kinds)
    }
}

impl TokenKinds {
    /// The kind of an id; special where no token has it.
    pub fn of(&self, id: u32) -> TokenKind {
        self.0.get(id as usize).copied().unwrap_or(TokenKind::Special)
    }

    /// One more than the largest id of a token.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// How a vocabulary tells the start of a word from its continuation.
#[derive(Debug, Clone)]
pub(super) enum WordMark {
    /// By what a continuation begins with: `##`.
    Continuation(String),
    /// By what a start begins with: the space before the word.
    #[cfg(any_tokenizer)]
    Start(char),
}

impl WordMark {
    /// The mark of a `tokenizer.json` of kind BPE or Unigram; where it has none, each token is a word.
    #[cfg(any_tokenizer)]
    pub fn of(json: &Value) -> Self {
        let pre_tokenizer = &json["pre_tokenizer"];
        let all = match pre_tokenizer["pretokenizers"].as_array() {
            Some(sequence) => sequence.as_slice(),
            None => std::slice::from_ref(pre_tokenizer),
        };
        let mark = |one: &Value| match one["type"].as_str()? {
            "ByteLevel" => Some('Ġ'),
            "Metaspace" => one["replacement"].as_str()?.chars().next(),
            _ => None,
        };
        let prefix = json["model"]["continuing_subword_prefix"].as_str();
        let prefix = prefix.filter(|prefix| !prefix.is_empty()).unwrap_or("##");
        let mark = all.iter().find_map(mark);
        mark.map_or_else(|| Self::Continuation(prefix.to_owned()), Self::Start)
    }

    /// The kind of a token that is not special.
    pub fn kind(&self, token: &str) -> TokenKind {
        let continues = match self {
            Self::Continuation(prefix) => token.starts_with(prefix.as_str()),
            #[cfg(any_tokenizer)]
            Self::Start(mark) => !token.starts_with(*mark),
        };
        if continues {
            TokenKind::Continuation
        } else {
            TokenKind::Start
        }
    }
}

impl TokenKind {
    /// As it crosses between two wasm instances.
    pub fn to_byte(self) -> u8 {
        match self {
            Self::Special => 0,
            Self::Start => 1,
            Self::Continuation => 2,
        }
    }

    /// Special for any other byte.
    pub fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Start,
            2 => Self::Continuation,
            _ => Self::Special,
        }
    }
}
