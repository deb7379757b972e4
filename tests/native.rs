//! Native tests of the crate against the references of `tests/reference`: one body, every device of the build.

#[path = "native/added.rs"]
mod added;
#[path = "native/as_found.rs"]
mod as_found;
#[path = "native/augment.rs"]
mod augment;
#[path = "native/checkpoints.rs"]
mod checkpoints;
#[path = "native/choosing.rs"]
mod choosing;
#[path = "native/create.rs"]
mod create;
#[path = "native/fixtures.rs"]
mod fixtures;
#[path = "native/for_peft.rs"]
mod for_peft;
#[path = "native/gradients.rs"]
mod gradients;
#[path = "native/intervals.rs"]
mod intervals;
#[path = "native/masking.rs"]
mod masking;
#[path = "native/methods.rs"]
mod methods;
#[path = "native/metrics.rs"]
mod metrics;
#[path = "native/pairs.rs"]
mod pairs;
#[path = "native/parity.rs"]
mod parity;
#[path = "native/peft.rs"]
mod peft;
#[path = "native/snapshot.rs"]
mod snapshot;
#[path = "native/sniff.rs"]
mod sniff;
#[path = "native/tokens.rs"]
mod tokens;
#[path = "native/training.rs"]
mod training;
#[path = "native/words.rs"]
mod words;
