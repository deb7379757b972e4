//! Hugging Face checkpoints: bytes in, bytes out. No file system, no network.

mod names;
mod read;
mod save;
mod sniff;
mod tensors;

pub use names::{Layout, hugging_face_name};
pub use read::{Loaded, add_masked_lm, fresh, load, transpose};
pub(crate) use save::write_safetensors;
pub use save::{
    Class, Dtype, MODELING_CODE, SavedAs, needs_own_class, save_config, save_masked_lm_config, save_weights,
};
pub use sniff::{FileContent, sniff};
pub use tensors::Tensors;
