//! The learning rate of each step, as transformers' `get_scheduler` has it.

use super::options::{Schedule, TrainOptions};

/// Learning rate of a step (from 1) out of `steps`.
pub fn learning_rate(options: &TrainOptions, step: usize, steps: usize) -> f64 {
    let warmup = (options.warmup_ratio * steps as f64).ceil() as usize;
    // torch's scheduler counts the steps already done.
    let done = step - 1;
    let share = if done < warmup {
        done as f64 / warmup as f64
    } else {
        let left = (steps - done) as f64 / (steps - warmup).max(1) as f64;
        match options.schedule {
            Schedule::Constant => 1.0,
            Schedule::Linear => left,
            Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * (1.0 - left)).cos()),
        }
    };
    options.learning_rate * share
}
