//! The engine: a loaded model with its tokenizer, labels, adapters and, during a run, its training session.

use std::collections::BTreeMap;

use super::{active_adapter::Active, info::Info};
use crate::{
    Error, Result,
    device::Device,
    model::{BertConfig, BertForSequenceClassification, Pooling, ProblemType, is_threshold},
    peft::Adapter,
    text::BertTokenizer,
    train::TrainingSession,
};

/// A model with its tokenizer, labels and, during a run, its training session.
pub struct Engine {
    pub(super) device: Device,
    pub(super) config: BertConfig,
    pub(super) tokenizer: BertTokenizer,
    /// Away while `session` has it.
    pub(super) model: Option<BertForSequenceClassification>,
    pub(super) pooling: Pooling,
    pub(super) problem_type: ProblemType,
    pub(super) info: Info,
    pub(super) session: Option<TrainingSession>,
    /// Every adapter that was trained or added, by name.
    pub(super) adapters: BTreeMap<String, Adapter>,
    /// The one that the model has on.
    pub(super) active: Option<Active>,
    /// Whether the masked-language-model head has learned something, from a file or here.
    pub(super) predicts: bool,
}

impl Engine {
    /// What was loaded.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &BertTokenizer {
        &self.tokenizer
    }

    /// The model as it is now: of the run's last step, if there is a run.
    pub fn current_model(&self) -> &BertForSequenceClassification {
        match (&self.session, &self.model) {
            (Some(session), _) => session.model(),
            (None, Some(model)) => model,
            (None, None) => unreachable!("the model is away only while a session has it"),
        }
    }

    /// From which score on a label is predicted, from now on: of the model, or of the adapter that is on.
    ///
    /// # Errors
    /// `bad-option` outside of 0 to 1; `bad-state` for a single-label model.
    pub fn set_threshold(&mut self, threshold: f64) -> Result<()> {
        if !is_threshold(threshold) {
            return Err(Error::bad_option(
                "threshold",
                "a number above 0 and below 1",
                threshold,
            ));
        }
        if self.info.threshold.is_none() {
            return Err(Error::bad_state(
                "a single-label model has no decision threshold",
                "load the checkpoint with problemType: \"multi_label_classification\"",
            ));
        }
        self.info.threshold = Some(threshold);
        self.keep_threshold();
        Ok(())
    }
}
