//! The model at one moment, kept aside and taken back: for the best epoch, and for folds and trials that begin alike.

use std::collections::BTreeMap;

use super::{active_adapter::Active, info::Info, state::Engine};
use crate::{model::BertForSequenceClassification, peft::Adapter};

/// Weights, labels and adapters. They share the engine's memory until a run changes that.
#[derive(Debug)]
pub struct Snapshot {
    model: BertForSequenceClassification,
    info: Info,
    adapters: BTreeMap<String, Adapter>,
    active: Option<Active>,
    predicts: bool,
}

impl Engine {
    /// The model as it is now: of the run's last step, as if it ended here, if there is a run.
    pub fn snapshot(&mut self) -> Snapshot {
        let model = self.current_model().clone();
        let mut info = self.info.clone();
        info.adapter_size = model.bottleneck_size();
        let adapters = match self.session {
            Some(_) => self.trained_adapters(),
            None => self.adapters.clone(),
        };
        Snapshot {
            model,
            info,
            adapters,
            active: self.active.clone(),
            predicts: self.predicts,
        }
    }

    /// Takes back the model of a snapshot. Ends the run, if there is one.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        self.session = None;
        self.model = Some(snapshot.model.clone());
        self.info = snapshot.info.clone();
        self.adapters = snapshot.adapters.clone();
        self.active = snapshot.active.clone();
        self.predicts = snapshot.predicts;
    }
}
