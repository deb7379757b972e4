//! Tokenizer files to a tokenizer, whose ids equal transformers'.

use serde_json::Value;

use super::{
    bert_parts,
    model_kind::ModelKind,
    tokenizer::Tokenizer,
    tokenizer_class::{Class, Role},
    tokenizer_files::from_vocab,
};
use crate::{Error, Result};

/// Bytes of a file for each token, with its merge and its flags: real ones have up to 150.
const BYTES_PER_TOKEN: usize = 1024;
/// Bytes of a file beside its tokens: a SentencePiece model's table of characters has 400,000.
const BYTES_BESIDE: usize = 2 << 20;

/// Reads `tokenizer.json`, or the lines of `vocab.txt`, as the text of `tokenizer_config.json` says.
///
/// # Errors
/// `bad-tokenizer` for a class or kind that is not known, and for ids outside `vocab_size`.
///
/// ```
/// use bertlet::text::read_tokenizer;
///
/// let vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nwalk\n##ing";
/// let tokenizer = read_tokenizer(vocab.as_bytes(), None, 6, 128)?;
/// assert_eq!(tokenizer.encode("Walking")?.input_ids, [2, 4, 5, 3]);
/// # Ok::<(), bertlet::Error>(())
/// ```
pub fn read_tokenizer(
    bytes: &[u8],
    tokenizer_config: Option<&str>,
    vocab_size: usize,
    max_length: usize,
) -> Result<Box<dyn Tokenizer>> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Error::bad_tokenizer("expected the UTF-8 text of tokenizer.json or vocab.txt, found other bytes")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let most = BYTES_BESIDE.saturating_add(vocab_size.saturating_mul(BYTES_PER_TOKEN));
    if text.len() > most {
        return Err(Error::bad_tokenizer(format!(
            "expected a file of at most {most} bytes for config.json's vocab_size {vocab_size}, found {} bytes",
            text.len()
        )));
    }
    let config: Value = match tokenizer_config {
        Some(text) => serde_json::from_str(text)
            .map_err(|error| Error::bad_tokenizer(format!("tokenizer_config.json is not JSON: {error}")))?,
        None => Value::Null,
    };
    let parsed = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    let kind = match &parsed {
        Some(json) if !json["model"].is_object() => {
            return Err(Error::bad_tokenizer("tokenizer.json: model: expected an object"));
        }
        Some(json) => ModelKind::of(json)?,
        None => ModelKind::WordPiece,
    };
    Role::check(&config)?;
    if config["split_special_tokens"] == true {
        return Err(Error::bad_tokenizer(
            "tokenizer_config.json: split_special_tokens: expected false, found true, by which a special token in a text is \
             spelled out",
        ));
    }
    let class = Class::of(&config, kind, parsed.is_none())?;
    let json = match parsed {
        Some(json) => json,
        None => from_vocab(text, &config, class)?,
    };
    match kind {
        ModelKind::WordPiece => bert_parts::read(json, config, class, vocab_size, max_length),
        #[cfg(any_tokenizer)]
        ModelKind::Bpe | ModelKind::Unigram => {
            super::any_parts::read(json, config, kind, class, vocab_size, max_length)
        }
        #[cfg(not(any_tokenizer))]
        ModelKind::Bpe | ModelKind::Unigram => Err(Error::bad_tokenizer(format!(
            "tokenizer.json is of kind {}, which wasm/tokenizers_bg.wasm reads",
            kind.name()
        ))),
    }
}
