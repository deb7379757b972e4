//! Hugging Face checkpoints: bytes in, bytes out. No file system, no network.

mod header;
mod layout;
mod magnitudes;
mod names;
mod parameters;
mod read;
mod save;
mod sentence_transformers;
mod sniff;
mod storage;
mod tensors;

pub use layout::{Layout, transpose};
pub use magnitudes::Magnitudes;
pub use names::hugging_face_name;
pub use parameters::{ParameterMapper, ParameterVisitor, map_parameters, parameter_names, visit_parameters};
pub use read::{Loaded, ReadAs, add_masked_lm, init, load, read_pooler};
pub use save::{
    Class, Dtype, MODELING_CODE, SavedAs, needs_own_class, save_config, save_masked_lm_config, save_weights,
};
pub(crate) use save::{Saved, write_safetensors};
pub use sentence_transformers::SentenceTransformer;
pub use sniff::{FileContent, sniff};
pub use storage::{converted, f32_matrices, f32_modules, packed, storage};
pub use tensors::Tensors;
