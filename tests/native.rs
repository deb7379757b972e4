//! Native tests of the crate against the references of `tests/reference`: one body, every device of the build.

#[path = "native/add_labels.rs"]
mod add_labels;
#[path = "native/added_tokens.rs"]
mod added_tokens;
#[path = "native/augment.rs"]
mod augment;
#[path = "native/batches.rs"]
mod batches;
#[path = "native/checkpoints.rs"]
mod checkpoints;
#[path = "native/create.rs"]
mod create;
#[path = "native/distillation.rs"]
mod distillation;
#[path = "native/encoders.rs"]
mod encoders;
#[path = "native/explain.rs"]
mod explain;
#[path = "native/fixtures.rs"]
mod fixtures;
#[path = "native/forward.rs"]
mod forward;
#[path = "native/gradients.rs"]
mod gradients;
#[path = "native/intervals.rs"]
mod intervals;
#[path = "native/masked_lm.rs"]
mod masked_lm;
#[path = "native/masking.rs"]
mod masking;
#[path = "native/methods.rs"]
mod methods;
#[path = "native/metrics.rs"]
mod metrics;
#[path = "native/model_selection.rs"]
mod model_selection;
#[path = "native/offsets.rs"]
mod offsets;
#[path = "native/pairs.rs"]
mod pairs;
#[path = "native/peft.rs"]
mod peft;
#[path = "native/peft_settings.rs"]
mod peft_settings;
#[path = "native/plan.rs"]
mod plan;
#[path = "native/pretraining.rs"]
mod pretraining;
#[path = "native/prune.rs"]
mod prune;
#[path = "native/quantized.rs"]
mod quantized;
#[path = "native/run_state.rs"]
mod run_state;
#[path = "native/saved_state.rs"]
mod saved_state;
#[path = "native/sentence_transformers.rs"]
mod sentence_transformers;
#[path = "native/siblings.rs"]
mod siblings;
#[path = "native/snapshot.rs"]
mod snapshot;
#[path = "native/sniff.rs"]
mod sniff;
#[cfg(feature = "webgpu")]
#[path = "native/tiles.rs"]
mod tiles;
#[path = "native/tokenizer.rs"]
mod tokenizer;
#[path = "native/tokenizer_classes.rs"]
mod tokenizer_classes;
#[path = "native/tokenizer_kinds.rs"]
mod tokenizer_kinds;
#[path = "native/train_options.rs"]
mod train_options;
#[path = "native/training.rs"]
mod training;
#[path = "native/unusual_checkpoints.rs"]
mod unusual_checkpoints;
#[path = "native/write_for_peft.rs"]
mod write_for_peft;
