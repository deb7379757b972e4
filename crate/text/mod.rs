//! Text to padded batches of token ids: plain integers, no tensors.

mod batch;
mod masking;
mod tokenizer;
mod vocabulary;

pub use batch::{Batch, Row, collate};
pub use masking::{Masked, Masking, MaskingOptions};
pub use tokenizer::BertTokenizer;
pub use vocabulary::learn;
