//! Checks of a vocabulary and its added tokens, before the `tokenizers` crate reads them.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokenizers::{AddedToken, NormalizedString, Normalizer};

use crate::{Error, Result};

/// Bytes of a token: real ones have up to 200.
const LONGEST_TOKEN: usize = 4096;

/// Checks the vocabulary's size, its ids and its tokens' sizes, before the crate copies them.
///
/// # Errors
/// `bad-tokenizer`.
pub(super) fn check_vocabulary(json: &Value, vocab_size: usize) -> Result<()> {
    let vocab = &json["model"]["vocab"];
    let scored = vocab.as_array().into_iter().flatten().filter_map(|one| one[0].as_str());
    let keyed = vocab.as_object().into_iter().flatten().map(|(token, _)| token.as_str());
    let added = json["added_tokens"].as_array().map_or(&[][..], Vec::as_slice);
    let own = added.iter().filter_map(|token| token["content"].as_str());
    if let Some(token) = scored.chain(keyed).chain(own).find(|token| token.len() > LONGEST_TOKEN) {
        let start: String = token.chars().take(40).collect();
        return Err(Error::bad_tokenizer(format!(
            "expected tokens of at most {LONGEST_TOKEN} bytes, found one of {} that begins with {start:?}",
            token.len()
        )));
    }
    let ids = vocab.as_object().into_iter().flatten();
    let largest = ids
        .filter_map(|(token, id)| Some((token, id.as_u64()?)))
        .max_by_key(|(_, id)| *id);
    if let Some((token, id)) = largest.filter(|(_, id)| *id >= vocab_size as u64) {
        return Err(beyond(token, id, vocab_size));
    }
    let mut is_taken = vec![false; vocab_size];
    for (token, id) in vocab.as_object().into_iter().flatten() {
        let taken = id.as_u64().and_then(|id| is_taken.get_mut(id as usize));
        if taken.is_some_and(|taken| std::mem::replace(taken, true)) {
            return Err(Error::bad_tokenizer(format!(
                "expected ids that differ, found {id} of {token:?} and of another token"
            )));
        }
    }
    let count = vocab
        .as_array()
        .map_or(0, Vec::len)
        .max(vocab.as_object().map_or(0, Map::len));
    match count.max(added.len()) > vocab_size {
        false => Ok(()),
        true => Err(Error::bad_tokenizer(format!(
            "the vocabulary has {} tokens; config.json's vocab_size is {vocab_size}",
            count.max(added.len())
        ))),
    }
}

/// `bad-tokenizer`: a token whose id the model lacks.
pub(super) fn beyond(token: &str, id: u64, vocab_size: usize) -> Error {
    Error::bad_tokenizer(format!(
        "token {token:?} has id {id}; config.json's vocab_size is {vocab_size}, so ids end at {}",
        vocab_size.saturating_sub(1)
    ))
}

/// Refuses added tokens of which the normalizer leaves nothing: no text could hold them, and the crate panics.
///
/// # Errors
/// `bad-tokenizer`.
pub(super) fn check_added_tokens<N: Normalizer + DeserializeOwned>(json: &Value, special: &[AddedToken]) -> Result<()> {
    let bad = |error: &dyn std::fmt::Display| Error::bad_tokenizer(format!("tokenizer.json: normalizer: {error}"));
    let normalizer: Option<N> = serde_json::from_str(&json["normalizer"].to_string()).map_err(|error| bad(&error))?;
    let Some(normalizer) = normalizer else { return Ok(()) };
    let listed = json["added_tokens"].as_array().into_iter().flatten();
    let listed = listed.filter(|token| token["normalized"] != false);
    let special = special
        .iter()
        .filter(|token| token.normalized)
        .map(|token| token.content.as_str());
    for content in listed.filter_map(|token| token["content"].as_str()).chain(special) {
        let mut normalized = NormalizedString::from(content);
        normalizer.normalize(&mut normalized).map_err(|error| bad(&error))?;
        if normalized.is_empty() && !content.is_empty() {
            return Err(Error::bad_tokenizer(format!(
                "expected added tokens of which the normalizer leaves something, found {content:?}"
            )));
        }
    }
    Ok(())
}
