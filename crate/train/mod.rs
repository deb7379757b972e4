//! Fine-tuning: the only room that changes parameters. The caller owns the loop.

mod centroids;
mod gradients;
mod method;
mod objective;
mod options;
mod order;
mod pairs;
mod plan;
mod ranks;
mod rehearsal;
mod schedule;
mod selection;
mod session;
mod targets;
mod update;
mod vocabulary;
mod words;

pub use centroids::centroid_head;
pub use gradients::{gradients, gradients_of};
pub use method::{AdaloraOptions, LoraOptions, Method};
pub use objective::{Objective, Pair};
pub use options::{Balanced, ClassWeights, Schedule, TrainOptions};
pub use order::epoch_batches;
pub use pairs::pairs;
pub use plan::{Data, Plan, Proposal, Room, Sizes, plan};
pub use rehearsal::rehearse;
pub use selection::{Share, Trained, select, trained};
pub use session::{StepReport, Texts, TrainingSession};
pub use targets::{RowTargets, objective};
pub use words::{Words, no_masked_lm, words_loss};
