//! A `vocab.txt` as `tokenizer.json`, and the added tokens of `tokenizer_config.json`.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::{
    model_kind::id_of,
    tokenizer_class::{Class, Role},
};
use crate::{Error, Result};

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

/// Puts the added tokens of `tokenizer_config.json` in place of the file's own, as transformers does, or, where the file is read
/// `as_it_is`, beside them, whose flags then do not count. Gives those that are new to the file.
pub(super) fn set_added_tokens(json: &mut Value, config: &Value, as_it_is: bool) -> Result<Vec<Value>> {
    let configured = added_tokens(config)?;
    if configured.is_empty() {
        return Ok(configured);
    }
    let own = json.get_mut("added_tokens").filter(|_| as_it_is);
    let Some(own) = own.and_then(Value::as_array_mut) else {
        json["added_tokens"] = Value::Array(configured.clone());
        return Ok(configured);
    };
    let contents = own.iter().map(|token| token["content"].as_str().unwrap_or_default());
    let places: HashMap<String, usize> = contents.map(str::to_owned).zip(0..).collect();
    let mut lacking = Vec::new();
    for mut token in configured {
        match places.get(token["content"].as_str().unwrap_or_default()) {
            Some(&place) => {
                token["id"] = own[place]["id"].take();
                own[place] = token;
            }
            None => lacking.push(token),
        }
    }
    own.extend(lacking.iter().cloned());
    Ok(lacking)
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
