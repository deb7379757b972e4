//! Fine-tuning: the only room that changes parameters. The caller owns the loop.

mod gradients;
mod options;
mod order;
mod plan;
mod rehearsal;
mod schedule;
mod session;
mod update;
mod vocabulary;

pub use gradients::gradients;
pub use options::{Schedule, TrainOptions};
pub use order::epoch_batches;
pub use plan::{Data, Plan, Proposal, Room, Sizes, plan};
pub use rehearsal::rehearse;
pub use session::{StepReport, TrainingSession};
