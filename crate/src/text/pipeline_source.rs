//! What a pipeline is made of, and what is checked and added before it reads a text.

use serde_json::{Map, Value};
use tokenizers::{
    AddedToken, Decoder, Encoding, Model, Normalizer, PostProcessor, PreTokenizer, TokenizerImpl, TruncationDirection,
};

use super::{model_kind::ModelKind, token_kinds::WordMark, tokenizer_class::Class, vocabulary::beyond};
use crate::{Error, Result};

/// What a pipeline is made of.
pub(super) struct Source<'a> {
    /// `tokenizer.json`, as the class makes it.
    pub json: Value,
    /// `tokenizer_config.json`; null where there is none.
    pub config: &'a Value,
    pub class: Class,
    pub kind: ModelKind,
    /// Whether the normalizer and the pre-tokenizer look only at neighbouring words.
    pub is_local: bool,
    pub word_mark: WordMark,
    /// Settings of the class in the saved `tokenizer_config.json`.
    pub saved_settings: Map<String, Value>,
    pub vocab_size: usize,
    pub max_length: usize,
}

/// The tokens of a text, without special ones.
pub(super) struct Tokens {
    pub encoding: Encoding,
    /// How many of them stay as they are, whatever follows the text.
    pub settled: usize,
}

/// The side on which a text that is too long loses tokens: `tokenizer_config.json`'s, else that of `tokenizer.json`.
pub(super) fn truncation_side(json: &Value, config: &Value) -> Result<TruncationDirection> {
    let found = match &config["truncation_side"] {
        Value::Null => json["truncation"]["direction"].as_str().map(str::to_lowercase),
        Value::String(side) => Some(side.clone()),
        other => Some(other.to_string()),
    };
    match found.as_deref() {
        None | Some("right") => Ok(TruncationDirection::Right),
        Some("left") => Ok(TruncationDirection::Left),
        Some(other) => Err(Error::bad_tokenizer(format!(
            "truncation_side: expected left or right, found {other}"
        ))),
    }
}

/// Puts into the saved `tokenizer_config.json` how texts are cut.
pub(super) fn save_length(saved: &mut Map<String, Value>, max_length: usize, side: TruncationDirection) {
    saved.insert("model_max_length".into(), max_length.into());
    if matches!(side, TruncationDirection::Left) {
        saved.insert("truncation_side".into(), "left".into());
    }
}

/// Puts into the saved `tokenizer_config.json` what a model is told of a text: versions of transformers differ in what they take for
/// it where the file does not say.
pub(super) fn save_inputs(saved: &mut Map<String, Value>, has_segments: bool) {
    let segments = Some("token_type_ids").filter(|_| has_segments);
    let names = ["input_ids"].into_iter().chain(segments).chain(["attention_mask"]);
    saved.insert("model_input_names".into(), names.collect());
}

/// What `tokenizer_config.json` names as special tokens beside BERT's own, such as marks of entities.
pub(super) fn special_beside(config: &Value) -> Vec<AddedToken> {
    let lists = ["additional_special_tokens", "extra_special_tokens"].map(|key| config[key].as_array());
    lists.into_iter().flatten().flatten().filter_map(special).collect()
}

fn special(token: &Value) -> Option<AddedToken> {
    let content = token.as_str().or_else(|| token["content"].as_str())?;
    let flag = |name: &str| token[name] == true;
    let token = AddedToken::from(content, true).single_word(flag("single_word"));
    Some(
        token
            .lstrip(flag("lstrip"))
            .rstrip(flag("rstrip"))
            .normalized(flag("normalized")),
    )
}

/// Adds the special tokens that the file does not list, so that they are never split; one that the vocabulary lacks with
/// the next id, as in transformers, while it is one of the first `ids`: the model has no more.
pub(super) fn add_special_tokens<'a, M: Model, N: Normalizer, PT: PreTokenizer, PP: PostProcessor, D: Decoder>(
    tokenizer: &mut TokenizerImpl<M, N, PT, PP, D>,
    tokens: impl IntoIterator<Item = &'a AddedToken>,
    ids: usize,
) -> Result<()> {
    let added = tokenizer.get_added_tokens_decoder();
    let mut free = ids.saturating_sub(tokenizer.get_vocab_size(true));
    let is_missing = |token: &&AddedToken| match tokenizer.token_to_id(&token.content) {
        Some(id) => !added.contains_key(&id),
        None if free > 0 => {
            free -= 1;
            true
        }
        None => false,
    };
    let missing: Vec<AddedToken> = tokens.into_iter().filter(is_missing).cloned().collect();
    tokenizer.add_special_tokens(missing).map_err(Error::bad_tokenizer)?;
    Ok(())
}

/// Checks the tokens of `added_tokens_decoder`: the crate gives a token outside the vocabulary the next id, not the one that
/// the file says.
pub(super) fn check_configured<M: Model, N: Normalizer, PT: PreTokenizer, PP: PostProcessor, D: Decoder>(
    tokenizer: &TokenizerImpl<M, N, PT, PP, D>,
    configured: &[Value],
) -> Result<()> {
    for token in configured {
        let content = token["content"].as_str().unwrap_or_default();
        if tokenizer.token_to_id(content).map(u64::from) != token["id"].as_u64() {
            return Err(Error::bad_tokenizer(format!(
                "tokenizer_config.json: added_tokens_decoder: expected the ids of vocab.txt and the next ones, found {}: {content:?}",
                token["id"]
            )));
        }
    }
    Ok(())
}

/// Checks that the vocabulary has these tokens, each with the id that the file says: the crate gives another where it has none.
pub(super) fn check_known<M: Model, N: Normalizer, PT: PreTokenizer, PP: PostProcessor, D: Decoder>(
    tokenizer: &TokenizerImpl<M, N, PT, PP, D>,
    tokens: [Option<(&String, Option<u64>)>; 3],
) -> Result<()> {
    let mut tokens = tokens.into_iter().flatten();
    match tokens.find(|(token, id)| id.is_none() || tokenizer.token_to_id(token).map(u64::from) != *id) {
        Some((token, _)) => Err(Error::bad_tokenizer(format!("the vocabulary lacks the token {token}"))),
        None => Ok(()),
    }
}

pub(super) fn check_ids<M: Model, N: Normalizer, PT: PreTokenizer, PP: PostProcessor, D: Decoder>(
    tokenizer: &TokenizerImpl<M, N, PT, PP, D>,
    vocab_size: usize,
) -> Result<()> {
    let largest = tokenizer.get_vocab(true).into_iter().max_by_key(|(_, id)| *id);
    match largest {
        None => Err(Error::bad_tokenizer("the vocabulary is empty")),
        Some((token, id)) if id as usize >= vocab_size => Err(beyond(&token, id.into(), vocab_size)),
        Some(_) => Ok(()),
    }
}

/// The model's unknown token; none where it has a token for every byte.
pub(super) fn unknown_token(json: &Value, kind: ModelKind) -> Option<String> {
    let model = &json["model"];
    let by_id = || model["vocab"][model["unk_id"].as_u64()? as usize][0].as_str();
    let unknown = model["unk_token"].as_str().or_else(by_id).map(str::to_owned);
    // Old files of WordPiece leave it out.
    unknown.or_else(|| (kind == ModelKind::WordPiece).then(|| "[UNK]".to_owned()))
}
