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
mod weights_file;
mod write;

pub use layout::{Layout, transpose};
pub use magnitudes::Magnitudes;
pub use names::hugging_face_name;
pub use parameters::{ParameterMapper, ParameterVisitor, map_parameters, parameter_names, visit_parameters};
pub use read::{Loaded, ReadAs, add_masked_lm, init, load, read_pooler};
pub use save::{Class, Dtype, MODELING_CODE, SavedAs, needs_own_class, save_config, save_masked_lm_config};
pub use sentence_transformers::SentenceTransformer;
pub use sniff::{FileContent, sniff};
pub use storage::{converted, f32_matrices, f32_modules, packed, storage};
pub use tensors::Tensors;
pub use weights_file::WeightsFile;
pub(crate) use write::{Saved, float_bytes, write_safetensors};
