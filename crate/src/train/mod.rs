//! Fine-tuning: the only room that takes training steps. The caller owns the loop.

mod adalora;
mod batches;
mod centroids;
mod differentiate;
mod distillation;
mod estimate;
mod gradients;
mod labels;
mod masked_lm;
mod methods;
mod objectives;
mod options;
mod pairs;
mod param_groups;
mod run_state;
mod schedule;
mod session;
mod sparse_embedding;
mod time_step;
mod update;

pub use batches::epoch_batches;
pub use centroids::centroid_head;
pub use distillation::DistillOptions;
pub use estimate::{Data, MemoryBudget, Plan, Proposal, Sizes, plan};
pub use gradients::{gradients, gradients_of};
pub use labels::{RowTargets, objective};
pub use masked_lm::{MaskedRows, masked_lm_loss};
pub use methods::Method;
pub use objectives::{Objective, Pair};
pub use options::{Balanced, ClassWeights, Schedule, TrainOptions};
pub use pairs::pairs;
pub use param_groups::{ParamGroup, TrainedParams, param_groups, trainable, trained_params};
pub use run_state::{RunNumbers, RunState};
pub use schedule::learning_rate;
pub use session::{StepReport, TrainingRows, TrainingSession, check_trainable};
pub use time_step::time_step;
