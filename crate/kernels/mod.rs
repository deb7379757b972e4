//! The operations whose speed or exactness bertlet owns, one file each.

mod adamw;
mod dropout;
mod gelu;

pub use adamw::{AdamW, Moments};
pub use dropout::Dropout;
pub use gelu::{gelu, gelu_new};
