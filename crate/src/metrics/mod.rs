//! Logits and labels to plain numbers. No tensors.

mod counts;
mod intervals;
mod multi_label;
mod probabilities;
mod report;

pub use counts::{Counts, Outcome, Scores, Tally};
pub use intervals::{Intervals, intervals};
pub use multi_label::{THRESHOLD, best_threshold, report_several};
pub use probabilities::{sigmoid, softmax};
pub use report::{LabelScore, Report, report};
