//! Text to padded batches of token ids: plain integers, no tensors.

mod added_tokens;
#[cfg(any_tokenizer)]
mod any_parts;
mod augment;
mod batch;
mod bert_parts;
#[cfg(any_tokenizer)]
mod character_table;
mod cuts;
mod learn_vocabulary;
mod masking;
mod model_kind;
mod pipeline;
mod pipeline_source;
mod post_processor;
mod prune_vocabulary;
mod read_pipeline;
mod read_tokenizer;
mod special_tokens;
mod token_kinds;
mod tokenized;
mod tokenizer;
mod tokenizer_class;
mod tokenizer_files;
mod vocabulary;
mod word_piece;

pub use augment::{AugmentOptions, Augmentation};
pub use batch::{Batch, Row, collate};
pub use learn_vocabulary::learn_vocabulary;
pub use masking::{MaskedRow, Masking, MaskingOptions};
pub use model_kind::is_beyond_word_piece;
pub use prune_vocabulary::{Pruned, prune_vocabulary};
pub use read_tokenizer::read_tokenizer;
pub use token_kinds::{TokenKind, TokenKinds};
pub use tokenized::{TokenPlace, Tokenized};
pub use tokenizer::{SpecialIds, Tokenizer};
