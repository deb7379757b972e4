//! Text to padded batches of token ids: plain integers, no tensors.

mod augment;
mod batch;
mod kinds;
mod tokenizer;

pub use augment::{AugmentOptions, Augmentation};
pub use batch::{Batch, Row, collate};
pub use kinds::{Kind, Kinds};
pub use tokenizer::BertTokenizer;
