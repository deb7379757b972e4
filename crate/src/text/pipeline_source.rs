//! What a pipeline is made of, and what is checked and added before it reads a text.

use serde_json::{Map, Value};
use tokenizers::{AddedToken, Decoder, Model, Normalizer, PostProcessor, PreTokenizer, TokenizerImpl};

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

/// Adds the special tokens that the file does not list, so that they are never split. As in transformers.
pub(super) fn add_special_tokens<M: Model, N: Normalizer, PT: PreTokenizer, PP: PostProcessor, D: Decoder>(
    tokenizer: &mut TokenizerImpl<M, N, PT, PP, D>,
    tokens: &[AddedToken],
) -> Result<()> {
    let added = tokenizer.get_added_tokens_decoder();
    let is_missing = |token: &&AddedToken| {
        tokenizer
            .token_to_id(&token.content)
            .is_some_and(|id| !added.contains_key(&id))
    };
    let missing: Vec<AddedToken> = tokens.iter().filter(is_missing).cloned().collect();
    tokenizer.add_special_tokens(missing).map_err(Error::bad_tokenizer)?;
    Ok(())
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
