//! Adapters in the format of Python's peft: what a parameter-efficient run trained, apart from the base model.
//!
//! `options` are the methods' settings, `config` reads and writes adapter_config.json, `init` makes new adapters,
//! `attach` puts one on a model, `file` reads adapter_model.safetensors, `write` writes both files.

mod adapter;
mod attach;
mod config;
mod file;
mod init;
mod options;
mod targets;
mod write;

pub use adapter::{Adapter, AdapterWeights, LowRankWeights};
pub use attach::{attach, detach, extract, merge};
pub use config::{AdapterConfig, AdapterKind};
pub use file::{POOLER, brings_pooler, pooling, read};
pub use init::{init_adapter, init_bottlenecks};
pub(crate) use options::check_size;
pub use options::{AdaloraOptions, LoraOptions};
pub use write::{write, write_whole};
