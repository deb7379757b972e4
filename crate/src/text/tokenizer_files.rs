//! What lies in a tokenizer's files: the kind of its model, the ids of its tokens, and a `vocab.txt` as `tokenizer.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};

use super::tokenizer_class::{Class, Role};
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

/// `vocab.txt` as the `tokenizer.json` that transformers makes of it.
pub(super) fn from_vocab(text: &str, config: &Value, class: Class) -> Result<Value> {
    // One token a line, with the line's number as its id: as Python's BertTokenizer.
    let lines = text.lines().map(str::trim_end).enumerate();
    // Blank lines take an id, but are no tokens.
    let lines = lines.filter(|(_, token)| !token.is_empty());
    let mut vocab = Map::new();
    for (id, token) in lines {
        vocab.insert(token.to_owned(), json!(id));
    }
    let mut json = json!({ "model": { "vocab": vocab } });
    let [cls, sep, unk] = [Role::Cls, Role::Sep, Role::Unk].map(|role| class.token(role, config, &json).content);
    if [&cls, &sep, &unk].iter().any(|token| id_of(&json, token).is_none()) {
        return Err(Error::bad_tokenizer(format!(
            "expected tokenizer.json, or a vocab.txt with the lines {cls}, {sep} and {unk}; found neither"
        )));
    }
    json["version"] = "1.0".into();
    let flag = |name: &str| config[name].as_bool().unwrap_or(true);
    json["normalizer"] = json!({
        "type": "BertNormalizer",
        "clean_text": true,
        "handle_chinese_chars": flag("tokenize_chinese_chars"),
        "strip_accents": config["strip_accents"].as_bool(),
        "lowercase": flag("do_lower_case"),
    });
    json["pre_tokenizer"] = json!({ "type": "BertPreTokenizer" });
    let ids = [&cls, &sep].map(|token| id_of(&json, token).unwrap_or_default());
    json["post_processor"] = class.special_tokens((&cls, ids[0]), (&sep, ids[1]));
    json["decoder"] = json!({ "type": "WordPiece", "prefix": "##", "cleanup": true });
    json["model"]["unk_token"] = unk.into();
    json["model"]["continuing_subword_prefix"] = "##".into();
    json["model"]["max_input_chars_per_word"] = 100.into();
    Ok(json)
}

/// The added tokens of `tokenizer_config.json`, sorted by id, in the form of `tokenizer.json`.
pub(super) fn added_tokens(config: &Value) -> Result<Vec<Value>> {
    let Some(by_id) = config["added_tokens_decoder"].as_object() else {
        return Ok(Vec::new());
    };
    let mut tokens = BTreeMap::new();
    for (id, token) in by_id {
        let (Ok(number), Some(content)) = (id.parse::<u32>(), token["content"].as_str()) else {
            return Err(Error::bad_tokenizer(format!(
                "tokenizer_config.json: added_tokens_decoder: expected ids with a content each, found {id}: {token}"
            )));
        };
        let flag = |name: &str| token[name].as_bool().unwrap_or(false);
        let added = json!({
            "id": number, "content": content, "single_word": flag("single_word"), "lstrip": flag("lstrip"),
            "rstrip": flag("rstrip"), "normalized": flag("normalized"), "special": flag("special"),
        });
        tokens.insert(number, added);
    }
    Ok(tokens.into_values().collect())
}
