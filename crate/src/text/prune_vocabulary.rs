//! A WordPiece tokenizer without the pieces that some texts do not use. The ids of the others follow one another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{model_kind::ModelKind, read_tokenizer::read_tokenizer, tokenizer::Tokenizer};
use crate::{Error, Result};

/// More tokens than a text has: texts are read whole, however few the model takes.
const WHOLE: usize = 1 << 28;

/// A tokenizer with fewer pieces.
pub struct Pruned {
    /// Reads each text of kept pieces as before, by the new ids.
    pub tokenizer: Box<dyn Tokenizer>,
    /// The old id of each new one, ascending.
    pub kept: Vec<u32>,
}

/// Drops the word pieces that none of the texts use. These stay:
/// - special and added tokens, and the ids in `also`;
/// - each single character, and its continuation;
/// - each piece with a character that is not itself a piece at that place in a word.
///
/// So a word whose characters are pieces is read by these where its own pieces are gone, and is not unknown. `config` is
/// `tokenizer_config.json`.
///
/// # Errors
/// `bad-state` for a tokenizer that is not of kind WordPiece; `bad-tokenizer` where its ids cannot be renumbered.
pub fn prune_vocabulary(
    tokenizer: &dyn Tokenizer,
    config: &str,
    texts: &[String],
    also: &[u32],
    [vocab_size, max_length]: [usize; 2],
) -> Result<Pruned> {
    let text = tokenizer.to_json()?;
    let mut json: Value = serde_json::from_str(&text).map_err(Error::bad_tokenizer)?;
    let kind = ModelKind::of(&json)?;
    if kind != ModelKind::WordPiece {
        return Err(Error::bad_state(
            format!("prune: the tokenizer is of kind {}, not WordPiece", kind.name()),
            "prune the vocabulary of a WordPiece model such as BERT's; merges and scores of other kinds depend on each other",
        ));
    }
    let whole = read_tokenizer(text.as_bytes(), Some(config), vocab_size, WHOLE)?;
    let rows = whole.encode_all(texts, &[])?;
    let mut kept: BTreeSet<u32> = rows.iter().flat_map(|row| row.input_ids.iter().copied()).collect();
    kept.extend(also);
    kept.extend(pieces_to_keep(&json));
    kept.extend(ids_of(&mut json["added_tokens"]));
    kept.extend(ids_of(&mut json["post_processor"]));
    let special = tokenizer.special();
    kept.extend([special.pad, special.unknown, special.mask].into_iter().flatten());
    kept.retain(|&id| (id as usize) < vocab_size);
    let new_ids: BTreeMap<u32, u32> = kept.iter().copied().zip(0..).collect();
    renumber(&mut json, &new_ids);
    let read = |max_length| read_tokenizer(json.to_string().as_bytes(), Some(config), kept.len(), max_length);
    let pruned = read(WHOLE)?;
    for (row, text) in rows.iter().zip(texts) {
        let expected = row.input_ids.iter().map(|id| new_ids[id]);
        if !pruned.encode(text)?.input_ids.into_iter().eq(expected) {
            return Err(Error::bad_tokenizer(
                "its ids cannot be renumbered: an added token has another id than the file says",
            ));
        }
    }
    Ok(Pruned {
        tokenizer: read(max_length)?,
        kept: kept.into_iter().collect(),
    })
}

/// The ids of single characters, and of pieces with a character that is not itself a piece at that place.
fn pieces_to_keep(json: &Value) -> Vec<u32> {
    let model = &json["model"];
    let prefix = model["continuing_subword_prefix"].as_str().unwrap_or("##");
    let empty = serde_json::Map::new();
    let vocab = model["vocab"].as_object().unwrap_or(&empty);
    let is_alone = |character: char, starts: bool| match starts {
        true => vocab.contains_key(character.encode_utf8(&mut [0; 4]) as &str),
        false => vocab.contains_key(&format!("{prefix}{character}")),
    };
    let stays = |token: &str| {
        let (part, starts) = match token.strip_prefix(prefix) {
            Some(rest) if !rest.is_empty() => (rest, false),
            _ => (token, true),
        };
        let is_single = part.chars().nth(1).is_none();
        let mut characters = part.chars().enumerate();
        is_single || !characters.all(|(at, character)| is_alone(character, starts && at == 0))
    };
    let staying = vocab.iter().filter(|(token, _)| stays(token));
    staying.filter_map(|(_, id)| Some(id.as_u64()? as u32)).collect()
}

/// Every id of the added tokens or the post-processor.
fn ids_of(value: &mut Value) -> Vec<u32> {
    let mut found = Vec::new();
    each_id(value, &mut |id| {
        found.extend(id.as_u64().map(|id| id as u32));
    });
    found
}

/// Calls `visit` for each id: `id` of an added token, `ids` of a template's special token, the second of `sep` and `cls`.
fn each_id(value: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| each_id(value, visit)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("id", id @ Value::Number(_)) => visit(id),
                    ("ids", Value::Array(ids)) => ids.iter_mut().for_each(&mut *visit),
                    ("sep" | "cls", Value::Array(pair)) => pair.iter_mut().skip(1).for_each(&mut *visit),
                    (_, other) => each_id(other, visit),
                }
            }
        }
        _ => {}
    }
}

fn renumber(json: &mut Value, new_ids: &BTreeMap<u32, u32>) {
    let new_id = |id: &Value| Some(*new_ids.get(&(id.as_u64()? as u32))?);
    if let Some(vocab) = json["model"]["vocab"].as_object_mut() {
        let pruned = vocab
            .iter()
            .filter_map(|(token, id)| Some((token.clone(), json!(new_id(id)?))));
        *vocab = pruned.collect();
    }
    for part in ["added_tokens", "post_processor"] {
        each_id(&mut json[part], &mut |id| {
            if let Some(new) = new_id(id) {
                *id = json!(new);
            }
        });
    }
}
