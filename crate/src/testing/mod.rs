//! What only tests and the benchmark call.

mod run_operation;

pub use run_operation::{Named, run_operation, time_operation};
