//! The operations whose speed or exactness bertlet owns.
//!
//! `operations.rs` is what the model calls. It goes through burn's backend extension (`routes.rs`) to `autodiff.rs`,
//! which keeps what the hand-written backwards (`backward.rs`) need, and from there to `fused.rs`, the list of what a
//! device must be able to do; `cpu` and `webgpu` do it.

mod adamw;
mod autodiff;
mod backward;
mod clock;
#[cfg(feature = "cpu")]
mod cpu;
mod dropout;
mod fused;
mod halves;
mod operations;
mod routes;
mod targets;
mod trial;
#[cfg(feature = "webgpu")]
mod webgpu;

pub use adamw::{AdamW, Moments};
pub use clock::Clock;
pub use dropout::{Dropout, Mask};
pub use fused::{Activation, Pool};
pub use halves::{halved, whole};
pub use operations::{
    activated, added, attention, binary_cross_entropy, cosine_loss, cross_entropy, dense, diagonal, embed, joined,
    layer_norm, low_rank, masked, pool, square_sum, take_rows, tied, widened, with_rows,
};
pub use targets::Targets;
pub use trial::{time, trial};
#[cfg(feature = "webgpu")]
pub use webgpu::allow_subgroups;
