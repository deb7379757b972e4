//! Text to padded batches of token ids: plain integers, no tensors.

mod batch;
mod tokenizer;

pub use batch::{Batch, Row, collate};
pub use tokenizer::BertTokenizer;
