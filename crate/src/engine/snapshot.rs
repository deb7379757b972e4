//! Snapshots of the model's weights: for the best epoch, and for folds and trials that start from the same weights.

use std::collections::BTreeMap;

use super::{active_adapter::ActiveAdapter, info::Info, state::Engine};
use crate::{checkpoint, model::BertForSequenceClassification, peft::Adapter, train::TrainingSession};

/// Weights, labels and adapters. They share the engine's memory until a run changes that.
#[derive(Debug)]
pub struct Snapshot {
    model: BertForSequenceClassification,
    info: Info,
    adapters: BTreeMap<String, Adapter>,
    active: Option<ActiveAdapter>,
    masked_lm_trained: bool,
}

impl Engine {
    /// A snapshot of the current weights: during a run, as if it ended after its last step.
    pub fn snapshot(&mut self) -> Snapshot {
        let model = self.current_model().clone();
        let mut info = match self.session {
            Some(_) => self.info_of(&model),
            None => self.info.clone(),
        };
        info.adapter_size = model.bottleneck_size();
        info.new_head &= !self.session.as_ref().is_some_and(|session| session.has_trained_head());
        let adapters = match self.session.as_ref().map(TrainingSession::trains_head_alone) {
            Some(of_head_alone) => self.trained_adapters(of_head_alone),
            None => self.adapters.clone(),
        };
        Snapshot {
            model,
            info,
            adapters,
            active: self.active.clone(),
            masked_lm_trained: self.masked_lm_trained,
        }
    }

    /// Restores the weights of a snapshot. Ends the run, if one is under way.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        self.session = None;
        self.model = Some(checkpoint::packed(snapshot.model.clone()));
        self.info = snapshot.info.clone();
        self.adapters = snapshot.adapters.clone();
        self.active = snapshot.active.clone();
        self.masked_lm_trained = snapshot.masked_lm_trained;
    }
}
