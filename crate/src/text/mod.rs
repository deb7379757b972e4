//! Text to padded batches of token ids: plain integers, no tensors.

mod added_tokens;
mod augment;
mod batch;
mod learn_vocabulary;
mod masking;
mod token_kinds;
mod tokenizer;
mod tokenizer_files;

pub use augment::{AugmentOptions, Augmentation};
pub use batch::{Batch, Row, collate};
pub use learn_vocabulary::learn_vocabulary;
pub use masking::{MaskedRow, Masking, MaskingOptions};
pub use token_kinds::{TokenKind, TokenKinds};
pub use tokenizer::BertTokenizer;
