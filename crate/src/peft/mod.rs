//! Adapters in the format of Python's peft: what a parameter-efficient run trained, apart from the base model.
//!
//! `options` are the methods' settings, `config` is what adapter_config.json says, `targets` the layers that it names.
//! `init` makes new adapters, `attach` puts one on a model, `file` reads adapter_model.safetensors by the names and the
//! layout of `file_tensors`, `write` writes both files.

mod adapter;
mod attach;
mod config;
mod file;
mod file_tensors;
mod init;
mod options;
mod read_config;
mod targets;
mod write;
mod write_config;

pub use adapter::{Adapter, AdapterWeights, LowRankWeights};
pub use attach::{attach, detach, extract, merge};
pub use config::{AdapterConfig, AdapterKind};
pub use file::{brings_pooler, pooling, read};
pub use file_tensors::POOLER;
pub use init::{init_adapter, init_bottlenecks};
pub(crate) use options::check_size;
pub use options::{AdaloraOptions, LoraOptions};
pub use write::{write, write_whole};
