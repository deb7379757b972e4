//! The kind of a `tokenizer.json`'s model, and the ids of its tokens.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use crate::{Error, Result};

/// The kind of model that makes tokens of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ModelKind {
    WordPiece,
    Bpe,
    Unigram,
}

/// The part of `tokenizer.json` that tells its kind. Reading it keeps nothing of the vocabulary.
#[derive(Deserialize)]
struct Head {
    model: ModelHead,
}

#[derive(Deserialize)]
struct ModelHead {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    // Old files have no type; each kind has a key that no other has.
    #[serde(default)]
    max_input_chars_per_word: Option<IgnoredAny>,
    #[serde(default)]
    merges: Option<IgnoredAny>,
    #[serde(default)]
    unk_id: Option<IgnoredAny>,
}

/// Whether a file is a `tokenizer.json` that the page's main build cannot read: of kind BPE or Unigram.
pub fn is_beyond_word_piece(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Option<Head> = serde_json::from_slice(bytes).ok();
    head.is_some_and(|head| matches!(head.model.kind().as_deref(), Some("BPE" | "Unigram")))
}

impl ModelHead {
    fn kind(self) -> Option<String> {
        let told = [
            (self.max_input_chars_per_word, "WordPiece"),
            (self.merges, "BPE"),
            (self.unk_id, "Unigram"),
        ];
        let by_key = told.into_iter().find(|(key, _)| key.is_some());
        self.kind.or_else(|| Some(by_key?.1.to_owned()))
    }
}

impl ModelKind {
    /// The kind of a `tokenizer.json`.
    ///
    /// # Errors
    /// `bad-tokenizer`, with the name of a kind that is not known.
    pub fn of(json: &Value) -> Result<Self> {
        let head = ModelHead::deserialize(&json["model"]).ok();
        match head.and_then(ModelHead::kind).as_deref() {
            Some("WordPiece") => Ok(Self::WordPiece),
            Some("BPE") => Ok(Self::Bpe),
            Some("Unigram") => Ok(Self::Unigram),
            Some(other) => Err(Error::bad_tokenizer(format!(
                "tokenizer.json is of kind {other}; expected WordPiece, BPE or Unigram"
            ))),
            None => Err(Error::bad_tokenizer(
                "tokenizer.json has no model of kind WordPiece, BPE or Unigram",
            )),
        }
    }

    /// The name of the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::WordPiece => "WordPiece",
            Self::Bpe => "BPE",
            Self::Unigram => "Unigram",
        }
    }
}

/// The id of a token in a `tokenizer.json`: of its vocabulary, else of its added tokens.
pub(super) fn id_of(json: &Value, token: &str) -> Option<u64> {
    let id = match &json["model"]["vocab"] {
        // Unigram's is a list of tokens with their scores.
        Value::Array(scored) => scored.iter().position(|one| one[0] == token).map(|id| id as u64),
        vocab => vocab[token].as_u64(),
    };
    let added = || {
        json["added_tokens"]
            .as_array()?
            .iter()
            .find(|one| one["content"] == token)?["id"]
            .as_u64()
    };
    id.or_else(added)
}
