//! Tokenizer files to a BERT tokenizer: `tokenizer.json` or `vocab.txt`, with `tokenizer_config.json`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tokenizers::{
    AddedToken, TokenizerImpl, decoders::wordpiece::WordPiece as WordPieceDecoder, models::wordpiece::WordPiece,
    normalizers::BertNormalizer, pre_tokenizers::bert::BertPreTokenizer, processors::PostProcessorWrapper,
};

use crate::{Error, Result};

/// A tokenizer of BERT's parts alone: `tokenizers::Tokenizer` brings every other model's and doubles the download.
pub(super) type Tokenizer =
    TokenizerImpl<WordPiece, BertNormalizer, BertPreTokenizer, PostProcessorWrapper, WordPieceDecoder>;

/// Parts of `tokenizer.json`, and the type that each must have where it is present.
const PARTS: [(&str, &str); 3] = [
    ("normalizer", "BertNormalizer"),
    ("pre_tokenizer", "BertPreTokenizer"),
    ("decoder", "WordPiece"),
];

pub(super) fn from_json(mut json: Value) -> Result<Tokenizer> {
    let kind = json["model"]["type"].as_str().map(str::to_owned).or_else(|| {
        // Old files have no type; only WordPiece has this key.
        json["model"]
            .get("max_input_chars_per_word")
            .map(|_| "WordPiece".to_owned())
    });
    match kind.as_deref() {
        Some("WordPiece") => {}
        Some(other) => {
            return Err(Error::bad_tokenizer(format!(
                "tokenizer.json is of kind {other}; BERT's is WordPiece"
            )));
        }
        None => return Err(Error::bad_tokenizer("tokenizer.json has no model of kind WordPiece")),
    }
    json["model"]["type"] = "WordPiece".into();
    for (part, expected) in PARTS {
        match json[part]["type"].as_str() {
            Some(found) if found != expected => {
                return Err(Error::bad_tokenizer(format!(
                    "tokenizer.json has a {part} of kind {found}; BERT's is {expected}"
                )));
            }
            _ => {}
        }
    }
    // From text: the model's deserializer takes borrowed strings only.
    let mut tokenizer: Tokenizer = serde_json::from_str(&json.to_string())
        .map_err(|error| Error::bad_tokenizer(format!("tokenizer.json cannot be read: {error}")))?;
    add_special_tokens(&mut tokenizer)?;
    Ok(tokenizer)
}

/// Adds BERT's special tokens where the file does not list them, so that they are never split. As in transformers.
fn add_special_tokens(tokenizer: &mut Tokenizer) -> Result<()> {
    let added = tokenizer.get_added_tokens_decoder();
    let missing: Vec<AddedToken> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        .into_iter()
        .filter(|token| tokenizer.token_to_id(token).is_some_and(|id| !added.contains_key(&id)))
        .map(|token| AddedToken::from(token, true))
        .collect();
    tokenizer.add_special_tokens(missing).map_err(Error::bad_tokenizer)?;
    Ok(())
}

/// Classes that read tokenizer.json as it is: under the second name transformers 5 saves the first.
const GENERIC: [&str; 2] = ["PreTrainedTokenizerFast", "TokenizersBackend"];

/// Refuses a class of transformers that splits words by what we lack.
///
/// # Errors
/// `bad-tokenizer`, with the class's name.
pub(super) fn check_class(config: &Value) -> Result<()> {
    let class = config["tokenizer_class"].as_str().unwrap_or("BertTokenizer");
    let word_tokenizer = config["word_tokenizer_type"].as_str();
    let plain_words = word_tokenizer.is_none_or(|kind| kind == "basic");
    let known = ["BertTokenizer", "BertTokenizerFast"].contains(&class) || GENERIC.contains(&class);
    // Other classes, of distilled and renamed BERTs, are BERT's in all but the name.
    let other_words = ["Japanese", "Jumanpp", "Mecab", "Tweet", "RoCBert"];
    if plain_words && (known || !other_words.iter().any(|name| class.contains(name))) {
        return Ok(());
    }
    Err(Error::bad_tokenizer(format!(
        "tokenizer_config.json: expected a class that splits words as BERT does, found {class}{}",
        word_tokenizer.map_or_else(String::new, |kind| format!(" with word_tokenizer_type {kind}"))
    )))
}

/// `tokenizer.json` with the normalizer settings of `tokenizer_config.json`, as transformers' BertTokenizer applies them:
/// what the file leaves out, or the whole file, has the class's own. [`GENERIC`] classes ignore them.
pub(super) fn as_configured(mut json: Value, config: &Value) -> Value {
    let is_generic = GENERIC.iter().any(|class| config["tokenizer_class"] == *class);
    if is_generic || !json["normalizer"].is_object() {
        return json;
    }
    let flag = |name: &str| json!(config[name].as_bool().unwrap_or(true));
    json["normalizer"]["lowercase"] = flag("do_lower_case");
    json["normalizer"]["handle_chinese_chars"] = flag("tokenize_chinese_chars");
    json["normalizer"]["strip_accents"] = json!(config["strip_accents"].as_bool());
    let id = |token: &str| json["model"]["vocab"][token].as_u64();
    if let (true, Some(cls), Some(sep)) = (json["post_processor"].is_null(), id("[CLS]"), id("[SEP]")) {
        json["post_processor"] = special_tokens(cls, sep);
    }
    json
}

/// The post-processor of BERT: [CLS] A [SEP], and of a pair [CLS] A [SEP] B [SEP].
fn special_tokens(cls: u64, sep: u64) -> Value {
    let special = |id: &str, type_id: u8| json!({ "SpecialToken": { "id": id, "type_id": type_id } });
    let sequence = |id: &str, type_id: u8| json!({ "Sequence": { "id": id, "type_id": type_id } });
    let token = |name: &str, id: u64| json!({ "id": name, "ids": [id], "tokens": [name] });
    json!({
        "type": "TemplateProcessing",
        "single": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)],
        "pair": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)],
        "special_tokens": { "[CLS]": token("[CLS]", cls), "[SEP]": token("[SEP]", sep) },
    })
}

pub(super) fn from_vocab(text: &str, config: &Value) -> Result<Tokenizer> {
    // One token a line, with the line's number as its id: as Python's BertTokenizer.
    let tokens: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    let id = |token: &str| tokens.iter().position(|line| line == token).map(|id| id as u64);
    let (Some(cls), Some(sep), Some(_)) = (id("[CLS]"), id("[SEP]"), id("[UNK]")) else {
        return Err(Error::bad_tokenizer(
            "expected tokenizer.json, or a vocab.txt with the lines [CLS], [SEP] and [UNK]; found neither",
        ));
    };
    let flag = |name: &str| config[name].as_bool().unwrap_or(true);
    // Blank lines take an id, but are no tokens.
    let vocab: Map<String, Value> = tokens
        .into_iter()
        .enumerate()
        .filter(|(_, token)| !token.is_empty())
        .map(|(id, token)| (token, json!(id)))
        .collect();
    let added = added_tokens(config)?;
    let tokenizer = from_json(json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": true,
            "handle_chinese_chars": flag("tokenize_chinese_chars"),
            "strip_accents": config["strip_accents"].as_bool(),
            "lowercase": flag("do_lower_case"),
        },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": special_tokens(cls, sep),
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocab,
        },
    }))?;
    // The crate gives a token outside the vocabulary the next id, not the one that the file says.
    for token in &added {
        let content = token["content"].as_str().unwrap_or_default();
        if tokenizer.token_to_id(content).map(u64::from) != token["id"].as_u64() {
            return Err(Error::bad_tokenizer(format!(
                "tokenizer_config.json: added_tokens_decoder: expected the ids of vocab.txt and the next ones, found {}: {content:?}",
                token["id"]
            )));
        }
    }
    Ok(tokenizer)
}

/// The added tokens of `tokenizer_config.json`, sorted by id, in the form of `tokenizer.json`.
fn added_tokens(config: &Value) -> Result<Vec<Value>> {
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
