//! Logits and labels to plain numbers. No tensors.

mod counts;
mod intervals;
mod multi_label;
mod probabilities;
mod report;

pub use counts::{Counts, LabelCounts, Outcome, Scores};
pub use intervals::{Intervals, intervals};
pub use multi_label::{THRESHOLD, best_threshold, report_multi_label};
pub use probabilities::{log_odds, sigmoid, softmax};
pub use report::{LabelScore, Report, report};
