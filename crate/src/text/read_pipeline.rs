//! Reads the parts of a `tokenizer.json` into a pipeline.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokenizers::{Decoder, Model, Normalizer, PostProcessor, PreTokenizer, TokenizerImpl, TruncationDirection};

use super::{
    added_tokens::AddedTokens,
    cuts::Cuts,
    pipeline::Pipeline,
    pipeline_source::{
        Source, add_special_tokens, check_configured, check_ids, check_known, save_inputs, save_length, special_beside,
        truncation_side,
    },
    post_processor,
    special_tokens::SpecialTokens,
    tokenizer::{SpecialIds, Tokenizer},
    tokenizer_class::Role,
    vocabulary::{check_added_tokens, check_vocabulary},
};
use crate::{Error, Result};

impl<M, N, PT, PP, D> Pipeline<M, N, PT, PP, D>
where
    M: Model + Serialize + DeserializeOwned,
    N: Normalizer + Serialize + DeserializeOwned,
    PT: PreTokenizer + Serialize + DeserializeOwned,
    PP: PostProcessor + Serialize + DeserializeOwned,
    D: Decoder + Serialize + DeserializeOwned,
{
    /// Reads the parts.
    ///
    /// # Errors
    /// `bad-tokenizer`: also for ids outside the vocabulary.
    pub fn new(mut source: Source) -> Result<Self> {
        let tokens = SpecialTokens::of(&mut source)?;
        post_processor::check(&source.json["post_processor"], source.vocab_size)?;
        check_vocabulary(&source.json, source.vocab_size)?;
        check_added_tokens::<N>(&source.json, &tokens.by_role)?;
        let side = truncation_side(&source.json, source.config)?;
        let settings = cut_settings(&source.json);
        let tokenizer = Self::read_tokenizer(&mut source, &tokens)?;
        let added_tokens = tokenizer.get_added_tokens_decoder();
        let contents = added_tokens.values().map(|token| token.content.as_str());
        // What is cut off at its beginning is known once all of a text is read.
        let is_local = source.is_local && matches!(side, TruncationDirection::Right);
        let cuts = Cuts::new(&settings, is_local, source.kind, contents);
        let added = AddedTokens::new(added_tokens, tokenizer.get_normalizer()).map_err(Error::bad_tokenizer)?;
        let ids = Role::ALL.map(|role| tokenizer.token_to_id(tokens.content(role)));
        let has_segments = source.class.has_segments(source.config);
        let mut saved_config = source.saved_settings;
        tokens.save(&mut saved_config, ids);
        save_length(&mut saved_config, source.max_length, side);
        save_inputs(&mut saved_config, has_segments);
        let read = Self {
            special: SpecialIds {
                pad: ids[Role::Pad as usize],
                unknown: tokens.unknown.as_ref().and_then(|token| tokenizer.token_to_id(token)),
                mask: ids[Role::Mask as usize],
                mask_token: tokens.content(Role::Mask).clone(),
            },
            tokenizer,
            added,
            max_length: source.max_length,
            cuts,
            side,
            has_segments,
            word_mark: source.word_mark,
            saved_config,
        };
        read.check_special_tokens(source.vocab_size)?;
        Ok(read)
    }

    /// The crate's tokenizer, with its special tokens. Takes the source's JSON, which is large.
    fn read_tokenizer(source: &mut Source, tokens: &SpecialTokens) -> Result<TokenizerImpl<M, N, PT, PP, D>> {
        // From text: the models' deserializers take borrowed strings only.
        let text = take_text(source);
        let mut tokenizer: TokenizerImpl<M, N, PT, PP, D> = serde_json::from_str(&text)
            .map_err(|error| Error::bad_tokenizer(format!("tokenizer.json cannot be read: {error}")))?;
        drop(text);
        add_special_tokens(&mut tokenizer, &tokens.special(), 0)?;
        add_special_tokens(&mut tokenizer, &special_beside(source.config), source.vocab_size)?;
        check_ids(&tokenizer, source.vocab_size)?;
        check_configured(&tokenizer, &tokens.configured)?;
        check_known(&tokenizer, tokens.needed())?;
        Ok(tokenizer)
    }

    /// The post-processor's special tokens need not be in the vocabulary.
    fn check_special_tokens(&self, vocab_size: usize) -> Result<()> {
        if self.max_length < self.special_count(false) {
            return Err(Error::bad_tokenizer(format!(
                "max length {} cannot hold the {} special tokens",
                self.max_length,
                self.special_count(false)
            )));
        }
        let mut rows = vec![self.encode("a")?];
        if self.special_count(true) <= self.max_length {
            rows.push(self.encode_pair("a", "a")?);
        }
        for row in rows {
            if let Some(id) = row.input_ids.iter().find(|&&id| id as usize >= vocab_size) {
                return Err(Error::bad_tokenizer(format!(
                    "the post_processor adds the id {id}; config.json's vocab_size is {vocab_size}, so ids end at {}",
                    vocab_size.saturating_sub(1)
                )));
            }
        }
        Ok(())
    }
}

/// What [`Cuts`] needs of `tokenizer.json`.
fn cut_settings(json: &Value) -> Value {
    json!({
        "normalizer": json["normalizer"],
        "model": { "max_input_chars_per_word": json["model"]["max_input_chars_per_word"] },
    })
}

/// `tokenizer.json` as the crate reads it. Nothing is left of it in the source.
fn take_text(source: &mut Source) -> String {
    let json = &mut source.json;
    json["truncation"] = Value::Null;
    json["padding"] = Value::Null;
    json["model"]["type"] = source.kind.name().into();
    std::mem::take(json).to_string()
}
