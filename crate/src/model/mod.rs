//! BERT as transformers computes it: embeddings, post-norm layers, pooling, head. No files, no loop.
//!
//! Axes: batch, seq_len, hidden, heads, head_dim, vocab, classes. Everything computed is f32;
//! a device may keep matrices of a checkpoint as 16-bit floats (`kernels/halves.rs`).

mod attention;
mod classifier;
mod config;
mod embeddings;
mod input;
mod layer;
mod low_rank;
mod masked_lm;
mod parameters;
mod peft_layers;
mod pooling;

pub use classifier::{BertForSequenceClassification, BertModel};
pub(crate) use config::is_threshold;
pub use config::{Activation, BertConfig, Pooling, ProblemType};
pub use input::Input;
pub(crate) use layer::BertLayer;
pub use low_rank::LowRank;
pub use masked_lm::MaskedLmHead;
pub use parameters::{Dense, weight_bytes};
pub use peft_layers::{Bottleneck, Prefix};
