//! The loss of a step's items and its gradients, some rows at a time: what gradient accumulation adds up, what a frozen
//! encoder computes once.

use std::borrow::Cow;

use burn::tensor::Tensor;

use super::{
    session::TrainingSession,
    update::{self, Slopes},
};
use crate::{
    Error, Result,
    device::{self, floats},
    kernels::{Dropout, added},
    model::Input,
    text::{Row, collate},
};

/// What the parts of a step add up to.
pub(super) struct Sum {
    pub(super) loss: Tensor<1>,
    pub(super) slopes: Slopes,
    pub(super) tokens: usize,
    pub(super) padded_tokens: usize,
}

impl TrainingSession {
    /// The gradients of the first step, and reads what a step reads.
    pub(super) async fn slopes(&mut self, chosen: &[usize]) -> Result<Slopes> {
        let sum = self.differentiate(1, chosen).await?;
        let square = update::squared_norm(&sum.slopes, &self.device.handle);
        device::read_both(sum.loss, square).await?;
        Ok(sum.slopes)
    }

    /// The loss of the chosen items and its gradients, so many items at a time as `batch_size` says.
    pub(super) async fn differentiate(&mut self, step: usize, chosen: &[usize]) -> Result<Sum> {
        let whole = self.objective.whole(chosen);
        let mut sum: Option<Sum> = None;
        for (place, items) in chosen.chunks(self.options.batch_size).enumerate() {
            let rows = self.objective.rows_of(items);
            let epoch = (step - 1) / self.steps_per_epoch() + 1;
            let read: Vec<Cow<Row>> = rows.iter().map(|&row| self.read(row, epoch)).collect();
            let batch = collate(read.iter().map(Cow::as_ref), self.texts.pad_id);
            let input = Input::new(&batch, &self.device.handle.clone().autodiff());
            let turn = (step - 1) * self.options.accumulate + place + 1;
            let dropout = self.dropout.for_step(self.options.seed, turn);
            let pooled = match self.pooled.take() {
                None => None,
                Some(mut known) => {
                    let found = self.frozen(&mut known, &rows, &input).await;
                    self.pooled = Some(known);
                    Some(found?)
                }
            };
            let model = self.current();
            let loss = self.objective.loss(model, &input, pooled, items, whole, &dropout)?;
            let slopes = update::slopes(self.current(), &mut loss.backward());
            let part = Sum {
                loss: loss.inner(),
                slopes,
                tokens: batch.tokens(),
                padded_tokens: batch.padding(),
            };
            sum = Some(match sum {
                None => part,
                Some(sum) => Sum {
                    loss: added(sum.loss, part.loss),
                    slopes: update::added(sum.slopes, part.slopes),
                    tokens: sum.tokens + part.tokens,
                    padded_tokens: sum.padded_tokens + part.padded_tokens,
                },
            });
        }
        sum.ok_or_else(|| Error::bad_row("a step of no rows"))
    }

    /// A row as the model reads it in an epoch.
    fn read(&self, row: usize, epoch: usize) -> Cow<'_, Row> {
        let rows = &self.texts.rows;
        match &self.texts.augmentation {
            None => Cow::Borrowed(self.objective.read(rows, row)),
            Some(augmentation) => Cow::Owned(augmentation.row(&rows[row], row, epoch)),
        }
    }

    /// Pooled states of rows through the frozen encoder, without dropout: computed once, then remembered.
    async fn frozen(&self, known: &mut [Option<Vec<f32>>], rows: &[usize], input: &Input) -> Result<Tensor<2>> {
        if rows.iter().any(|&row| known[row].is_none()) {
            let pooled = self.current().bert.forward(input, &Dropout::off());
            let [_, hidden] = pooled.dims();
            let values = device::read(pooled.inner()).await?;
            for (&row, values) in rows.iter().zip(values.chunks_exact(hidden)) {
                known[row] = Some(values.to_vec());
            }
        }
        let values: Vec<f32> = rows
            .iter()
            .flat_map(|&row| known[row].iter().flatten().copied())
            .collect();
        let shape = [rows.len(), values.len() / rows.len()];
        Ok(floats(values, shape, &self.device.handle.clone().autodiff()))
    }
}
