//! What a run takes along when it goes on elsewhere: the order of its rows, its base model, and its trained tensors with
//! AdamW's means.

use super::state::Engine;
use crate::{
    Error, Result,
    checkpoint::{Class, Dtype, WeightsFile},
    peft,
    text::Row,
    train::{TrainOptions, epoch_batches},
};

/// A file of tensors that a run takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The model without its adapter, with the head that is trained.
    Base,
    /// The current weights: of the adapter, where one is trained, else of the model.
    Weights,
    /// As the weights, but in place of each trained number the mean of its gradient.
    Mean,
    /// The same with the mean of the gradient's square.
    Square,
}

impl Engine {
    /// The rows of each step of an epoch, from 1, as a run with these options makes it.
    ///
    /// # Errors
    /// `bad-option`.
    pub fn epoch_order(&self, rows: &[Row], epoch: usize, options: &TrainOptions) -> Result<Vec<Vec<usize>>> {
        options.check()?;
        let lengths: Vec<usize> = rows.iter().map(|row| row.input_ids.len()).collect();
        Ok(epoch_batches(&lengths, epoch, options))
    }

    /// One file of the run under way, in safetensors, by the names of transformers or peft.
    ///
    /// # Errors
    /// `bad-state` where no run was begun; `device-lost`.
    pub async fn take_away(&self, taken: Taken) -> Result<Vec<u8>> {
        let session = self.session.as_ref().ok_or_else(|| {
            Error::bad_state(
                "no run was begun, whose tensors could be taken along",
                "begin a run first",
            )
        })?;
        let model = match taken {
            Taken::Base | Taken::Weights => session.model().clone(),
            Taken::Mean => session.model_of_moments(0),
            Taken::Square => session.model_of_moments(1),
        };
        if let (Some(active), true) = (&self.active, taken != Taken::Base) {
            let (config, labels) = (active.config.clone(), self.info.labels.clone());
            let adapter = peft::extract(&model, config, labels, self.info.threshold, active.pooler.is_some());
            let adapter = adapter.ok_or_else(Error::no_head)?;
            return peft::write_whole(&adapter, &self.config, self.needs_own_class()).await;
        }
        let own_class = self.needs_own_class();
        let model = peft::detach(model).without_unused_pooler();
        WeightsFile::new(&model, Class::Classifier, Dtype::F32, &[], own_class)?
            .whole()
            .await
    }
}
