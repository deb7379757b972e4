//! Text to padded batches of token ids: plain integers, no tensors.

mod added;
mod augment;
mod batch;
mod kinds;
mod masking;
mod tokenizer;
mod tokenizer_files;
mod vocabulary;

pub use augment::{AugmentOptions, Augmentation};
pub use batch::{Batch, Row, collate};
pub use kinds::{Kind, Kinds};
pub use masking::{Masked, Masking, MaskingOptions};
pub use tokenizer::BertTokenizer;
pub use vocabulary::learn;
