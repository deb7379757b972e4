//! bertlet fine-tunes and runs BERT classifiers where the text is: in the browser, or natively.
//!
//! Data flows one way, and each module, a room, does one step of it:
//!
//! ```text
//! text ─ text ─> token ids ─> padded batch (plain integers)
//!                                  │
//! files ─ checkpoint, peft ─> weights ─ model ─> hidden states ─> logits
//!                                  │                        │
//!                          device, kernels          train (loss, gradients, AdamW)
//!                                                           │
//!                                             metrics ─> report ─ engine, wasm ─> the page
//! ```
//!
//! Only `train` takes training steps, only `device` names a device, only `wasm` speaks to JavaScript. A room uses rooms
//! that stand before it in this list, and none after it: `error`, `random`, `text`, `device`, `kernels`, `model`,
//! `checkpoint`, `peft`, `train`, `metrics`, `engine`, `testing`, `wasm`. Names follow Hugging Face's `transformers`; the tests hold every result
//! against it.
//!
//! # Example
//!
//! A tiny model learns two labels. Device calls are asynchronous, since a browser's GPU answers that way.
//!
//! ```
//! use bertlet::{device, engine, train};
//! use pollster::block_on;
//!
//! let texts = ["a good film", "a good book", "a bad film", "a bad book"].map(String::from);
//! let options = engine::CreateOptions {
//!     vocab_size: 100, layers: 1, hidden_size: 16, heads: 2, intermediate_size: None, max_length: 8,
//!     labels: Some(vec!["positive".into(), "negative".into()]), seed: 42,
//! };
//! let mut engine = engine::Engine::create(block_on(device::open(device::DeviceKind::Cpu))?, &texts, options)?;
//! let (rows, targets) = (engine.encode(&texts)?, train::RowTargets::Single(vec![0, 0, 1, 1]));
//! let options = train::TrainOptions { epochs: 60, batch_size: 4, learning_rate: 1e-2, ..Default::default() };
//! let run = engine.begin_training(rows.clone(), targets, options, "default")?;
//! for _ in 0..run.steps { block_on(engine.train_step())?; }
//! engine.end_training();
//! let logits = block_on(engine.logits(&rows.iter().collect::<Vec<_>>()))?;
//! assert!(logits[0] > logits[1] && logits[7] > logits[6]);
//! # Ok::<(), bertlet::Error>(())
//! ```

#[cfg(computes)]
pub mod checkpoint;
#[cfg(computes)]
pub mod device;
#[cfg(computes)]
pub mod engine;
pub mod error;
#[cfg(computes)]
pub mod kernels;
#[cfg(computes)]
pub mod metrics;
#[cfg(computes)]
pub mod model;
#[cfg(computes)]
pub mod peft;
mod random;
#[cfg(computes)]
pub mod testing;
pub mod text;
#[cfg(computes)]
pub mod train;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use error::{Error, Result};
