//! `tokenizer.json` or `vocab.txt`, with `tokenizer_config.json`, to a tokenizer of BERT's parts.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tokenizers::{
    AddedToken, TokenizerImpl, decoders::wordpiece::WordPiece as WordPieceDecoder, models::wordpiece::WordPiece,
    normalizers::BertNormalizer, pre_tokenizers::bert::BertPreTokenizer, processors::PostProcessorWrapper,
};

use crate::{Error, Result};

/// BERT's parts by name: `tokenizers::Tokenizer` would bring every other model's along, and double the download.
pub(super) type Tokenizer =
    TokenizerImpl<WordPiece, BertNormalizer, BertPreTokenizer, PostProcessorWrapper, WordPieceDecoder>;

/// The parts of `tokenizer.json` that must be BERT's, where they are there, and what kind each then is.
const PARTS: [(&str, &str); 3] = [
    ("normalizer", "BertNormalizer"),
    ("pre_tokenizer", "BertPreTokenizer"),
    ("decoder", "WordPiece"),
];

pub(super) fn from_json(mut json: Value) -> Result<Tokenizer> {
    let kind = json["model"]["type"].as_str().map(str::to_owned).or_else(|| {
        // Old files leave the type out; only WordPiece has this key.
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
    // From text: its model's reader takes no owned strings.
    let mut tokenizer: Tokenizer = serde_json::from_str(&json.to_string())
        .map_err(|error| Error::bad_tokenizer(format!("tokenizer.json cannot be read: {error}")))?;
    add_special_tokens(&mut tokenizer)?;
    Ok(tokenizer)
}

/// As transformers does when it loads a BERT tokenizer: BERT's special tokens are never split, even where the file
/// does not list them.
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

/// `tokenizer.json` with the normalizer that `tokenizer_config.json` asks for: as transformers' BertTokenizerFast, which
/// the class that knows no kind of tokenizer is not.
pub(super) fn as_configured(mut json: Value, config: &Value) -> Value {
    const NAMES: [(&str, &str); 3] = [
        ("do_lower_case", "lowercase"),
        ("strip_accents", "strip_accents"),
        ("tokenize_chinese_chars", "handle_chinese_chars"),
    ];
    if config["tokenizer_class"] == "PreTrainedTokenizerFast" || !json["normalizer"].is_object() {
        return json;
    }
    for (name, own) in NAMES {
        match config.get(name) {
            Some(Value::Null) if name == "strip_accents" => json["normalizer"][own] = Value::Null,
            Some(Value::Bool(asked)) => json["normalizer"][own] = json!(asked),
            _ => {}
        }
    }
    json
}

pub(super) fn from_vocab(text: &str, config: &Value) -> Result<Tokenizer> {
    // As Python's BertTokenizer reads it: one token a line, its id the line's number.
    let tokens: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    let id = |token: &str| tokens.iter().position(|line| line == token).map(|id| id as u32);
    let (Some(cls), Some(sep), Some(_)) = (id("[CLS]"), id("[SEP]"), id("[UNK]")) else {
        return Err(Error::bad_tokenizer(
            "expected tokenizer.json, or a vocab.txt with the lines [CLS], [SEP] and [UNK]; found neither",
        ));
    };
    let special = |id: &str, type_id: u8| json!({ "SpecialToken": { "id": id, "type_id": type_id } });
    let sequence = |id: &str, type_id: u8| json!({ "Sequence": { "id": id, "type_id": type_id } });
    let token = |name: &str, id: u32| json!({ "id": name, "ids": [id], "tokens": [name] });
    let flag = |name: &str| config[name].as_bool().unwrap_or(true);
    // Blank lines count, but are no tokens.
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
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)],
            "pair": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)],
            "special_tokens": { "[CLS]": token("[CLS]", cls), "[SEP]": token("[SEP]", sep) },
        },
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocab,
        },
    }))?;
    // The crate gives a token that is not in the vocabulary the next id, whatever was asked.
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

/// What `tokenizer_config.json` says was added to a vocabulary, as `tokenizer.json` lists it: by id.
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
