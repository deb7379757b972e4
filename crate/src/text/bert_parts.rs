//! WordPiece tokenizers, of BERT's parts alone: those of every other model would double the page's download.

use serde_json::{Map, Value};
use tokenizers::{
    decoders::wordpiece::WordPiece as WordPieceDecoder, normalizers::BertNormalizer,
    pre_tokenizers::bert::BertPreTokenizer, processors::PostProcessorWrapper,
};

use super::{
    model_kind::ModelKind, pipeline::Pipeline, pipeline_source::Source, token_kinds::WordMark, tokenizer::Tokenizer,
    tokenizer_class::Class, word_piece::LinearWordPiece,
};
use crate::{Error, Result};

type BertPipeline = Pipeline<LinearWordPiece, BertNormalizer, BertPreTokenizer, PostProcessorWrapper, WordPieceDecoder>;

/// Parts of `tokenizer.json`, and the type that each must have where it is present.
const PARTS: [(&str, &str); 3] = [
    ("normalizer", "BertNormalizer"),
    ("pre_tokenizer", "BertPreTokenizer"),
    ("decoder", "WordPiece"),
];

/// Reads a `tokenizer.json` of kind WordPiece.
///
/// # Errors
/// `bad-tokenizer`.
pub(super) fn read(
    json: Value,
    config: Value,
    class: Class,
    vocab_size: usize,
    max_length: usize,
) -> Result<Box<dyn Tokenizer>> {
    let json = class.apply(json, &config);
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
    let normalizer = &json["normalizer"];
    let settings = [
        (
            "do_lower_case",
            normalizer["lowercase"].as_bool().unwrap_or(true).into(),
        ),
        ("strip_accents", normalizer["strip_accents"].clone()),
        (
            "tokenize_chinese_chars",
            normalizer["handle_chinese_chars"].as_bool().unwrap_or(true).into(),
        ),
    ];
    // A file that is read as it is has them in it.
    let saved_settings: Map<String, Value> = settings
        .into_iter()
        .filter(|_| class != Class::Generic)
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    let source = Source {
        json,
        config: &config,
        class,
        kind: ModelKind::WordPiece,
        is_local: true,
        word_mark: WordMark::Continuation("##".into()),
        saved_settings,
        vocab_size,
        max_length,
    };
    Ok(Box::new(BertPipeline::new(source)?))
}
