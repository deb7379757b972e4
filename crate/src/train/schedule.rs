//! Learning-rate schedules: warm-up, then constant, linear or cosine, as in transformers' `get_scheduler`.

use super::options::{Schedule, TrainOptions};

/// Learning rate of a step, from 1 to `steps`.
///
/// ```
/// use bertlet::train::{TrainOptions, learning_rate};
///
/// let options = TrainOptions { learning_rate: 1e-3, warmup_ratio: 0.1, ..TrainOptions::default() };
/// assert_eq!(learning_rate(&options, 1, 100), 0.0);
/// assert_eq!(learning_rate(&options, 11, 100), 1e-3);
/// assert!(learning_rate(&options, 100, 100) < 2e-5);
/// ```
pub fn learning_rate(options: &TrainOptions, step: usize, steps: usize) -> f64 {
    let warmup = (options.warmup_ratio * steps as f64).ceil() as usize;
    // As torch's scheduler, which counts the steps already done.
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
