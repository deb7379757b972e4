//! bertlet: fine-tune and run BERT classifiers where the text is.
//!
//! Data flows one way, and each room does one step of it:
//!
//! ```text
//! text ─ text/ ─> token ids ─> padded batch (plain integers)
//!                                  │
//! files ─ checkpoint/, peft/ ─> weights ─ model/ ─> hidden states ─> logits
//!                                  │                            │
//!                       device.rs, kernels/              train/ (loss, gradients, AdamW)
//!                                                               │
//!                                            metrics.rs ─> plain report ─ wasm.rs ─> the page
//! ```
//!
//! Only `train` writes parameters, only `device` names a device, only `wasm` speaks to JavaScript.
//! Names follow Hugging Face's `transformers`; every number is held against it in `tests/`.

pub mod checkpoint;
pub mod device;
pub mod engine;
pub mod error;
pub mod kernels;
pub mod metrics;
pub mod model;
pub mod peft;
mod random;
pub mod testing;
pub mod text;
pub mod train;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use error::Error;

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;
