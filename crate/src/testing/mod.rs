//! Operations alone, for the tests and the benchmark.

mod run_operation;

pub use run_operation::{Named, run_operation, time_operation};
