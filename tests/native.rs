//! Native tests of the crate against the references of `tests/reference`: one body, every device of the build.

#[path = "native/checkpoints.rs"]
mod checkpoints;
#[path = "native/fixtures.rs"]
mod fixtures;
#[path = "native/gradients.rs"]
mod gradients;
#[path = "native/intervals.rs"]
mod intervals;
#[path = "native/metrics.rs"]
mod metrics;
#[path = "native/parity.rs"]
mod parity;
#[path = "native/snapshot.rs"]
mod snapshot;
#[path = "native/tokens.rs"]
mod tokens;
#[path = "native/training.rs"]
mod training;
