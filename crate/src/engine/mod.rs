//! A loaded checkpoint on a device: what `wasm` and the tests call.
//!
//! `load` and `create` make an engine, `infer` answers, `training` and `masked_lm` run it, `adapters` keeps and
//! switches what parameter-efficient runs trained, `prune` and `distill` make it smaller, `save` writes files, `take_away` those of a run that goes on elsewhere, `snapshot` keeps the weights of one moment.

mod active_adapter;
mod adapters;
mod add_labels;
pub mod calibrate;
mod create;
mod distill;
mod explain;
mod infer;
mod info;
mod load;
mod load_options;
mod masked_lm;
mod prune;
mod quantize;
mod save;
mod snapshot;
mod state;
mod take_away;
mod training;

pub use create::CreateOptions;
pub use info::Info;
pub use load::ReadTokenizer;
pub use load_options::LoadOptions;
pub use masked_lm::{Filled, PretrainingInfo};
pub use snapshot::Snapshot;
pub use state::Engine;
pub use take_away::Taken;
pub use training::RunInfo;
