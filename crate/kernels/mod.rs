//! The operations whose speed or exactness bertlet owns, one file each.
//!
//! `operations.rs` is what the model calls; it goes through burn's backend extension, so that one operation has a
//! hand-written backward and, on the CPU, one pass over memory where burn's own would make five to ten.

mod adamw;
mod attention_weights;
mod backward;
mod dropout;
mod fused;
mod gelu;
mod layer_norm;
mod operations;
mod vector;

pub use adamw::{AdamW, Moments};
pub use dropout::{Dropout, Mask};
pub use operations::{attention_weights, gelu, gelu_new, layer_norm, square_sum, tanh};
