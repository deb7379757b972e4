//! BERT and the encoders of its kind as in transformers: embeddings, post-norm layers, pooling, heads. No files, no training loop.
//!
//! Axes: batch, seq_len, hidden, heads, head_dim, vocab, classes. All arithmetic is f32; a GPU may store a checkpoint's
//! matrices as f16 where that loses nothing.

mod architecture;
mod attention;
mod classifier;
mod config;
mod config_entries;
mod distances;
mod embeddings;
mod encoders;
mod input;
mod layer;
mod low_rank;
mod masked_lm;
mod parameters;
mod peft_layers;
mod pooling;

pub use architecture::Architecture;
pub use classifier::{BertForSequenceClassification, BertModel};
pub(crate) use config::is_threshold;
pub use config::{Activation, BertConfig, Pooling, ProblemType};
pub use encoders::ARCHITECTURES;
pub use input::Input;
pub(crate) use layer::BertLayer;
pub use low_rank::LowRank;
pub use masked_lm::MaskedLmHead;
pub use parameters::{Dense, weight_bytes};
pub use peft_layers::{Bottleneck, Prefix};
