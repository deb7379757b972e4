//! The loss of a step's items and its gradients, micro-batch by micro-batch: gradient accumulation, and the frozen
//! encoder's pooled states, each computed once.

use std::borrow::Cow;

use burn::tensor::Tensor;

use super::{
    distillation::TaughtItems,
    session::TrainingSession,
    update::{self, ParamGradients},
};
use crate::{
    Error, Result,
    device::{self, floats},
    kernels::{Dropout, add},
    model::Input,
    text::{Batch, Row, collate},
};

/// A step's loss and gradients, summed over its micro-batches.
pub(super) struct StepGradients {
    /// `[1]`
    pub(super) loss: Tensor<1>,
    pub(super) gradients: ParamGradients,
    pub(super) tokens: usize,
    pub(super) padded_tokens: usize,
}

impl TrainingSession {
    /// The gradients of the first step, with the read-back that a step has: what is timed before a run.
    pub(super) async fn first_gradients(&mut self, chosen: &[usize]) -> Result<ParamGradients> {
        let step = self.differentiate(1, chosen).await?;
        let squared_norm = update::squared_norm(&step.gradients, &self.device.handle);
        device::read_both(step.loss, squared_norm).await?;
        Ok(step.gradients)
    }

    /// The loss of the chosen items and its gradients, `batch_size` items at a time.
    pub(super) async fn differentiate(&mut self, step: usize, chosen: &[usize]) -> Result<StepGradients> {
        let normalizer = self.objective.normalizer(chosen);
        let mut sum: Option<StepGradients> = None;
        for (micro_batch, items) in chosen.chunks(self.options.batch_size).enumerate() {
            let rows = self.objective.rows_of(items);
            let epoch = (step - 1) / self.steps_per_epoch() + 1;
            let read: Vec<Cow<Row>> = rows.iter().map(|&row| self.row_in_epoch(row, epoch)).collect();
            let batch = collate(read.iter().map(Cow::as_ref), self.training_rows.pad_id);
            let forward_passes = (step - 1) * self.options.accumulate + micro_batch + 1;
            let dropout = self.dropout.for_step(self.options.seed, forward_passes);
            let loss = match self.distillation.take() {
                None => self.loss(&batch, items, &rows, normalizer, &dropout).await?,
                Some(mut distillation) => {
                    let taught = TaughtItems {
                        batch: &batch,
                        items,
                        dropout: &dropout,
                        normalizer,
                        rows: chosen.len(),
                        tokens: chosen
                            .iter()
                            .map(|&row| self.training_rows.rows[row].input_ids.len())
                            .sum(),
                    };
                    let model = self.autodiff_model();
                    let loss = distillation.loss(model, &self.objective, &taught, &self.device).await;
                    self.distillation = Some(distillation);
                    loss?
                }
            };
            let gradients = update::take_gradients(self.autodiff_model(), &mut loss.backward());
            let next = StepGradients {
                loss: loss.inner(),
                gradients,
                tokens: batch.tokens(),
                padded_tokens: batch.padding(),
            };
            sum = Some(match sum {
                None => next,
                Some(sum) => StepGradients {
                    loss: add(sum.loss, next.loss),
                    gradients: update::accumulate(sum.gradients, next.gradients),
                    tokens: sum.tokens + next.tokens,
                    padded_tokens: sum.padded_tokens + next.padded_tokens,
                },
            });
        }
        sum.ok_or_else(|| Error::bad_row("a step of no rows"))
    }

    /// The objective's loss of some items, whose rows are the batch.
    async fn loss(
        &mut self,
        batch: &Batch,
        items: &[usize],
        rows: &[usize],
        normalizer: f32,
        dropout: &Dropout,
    ) -> Result<Tensor<1>> {
        let input = Input::new(batch, &self.device.handle.clone().autodiff());
        let pooled = match self.pooled_cache.take() {
            None => None,
            Some(mut cache) => {
                let pooled = self.cached_pooled(&mut cache, rows, &input).await;
                self.pooled_cache = Some(cache);
                Some(pooled?)
            }
        };
        let model = self.autodiff_model();
        self.objective.loss(model, &input, pooled, items, normalizer, dropout)
    }
    /// Where the encoder is frozen: computes every row's pooled state, in the batches of the first epoch. A state depends
    /// on its batch in the last bits.
    pub(super) async fn fill_pooled_cache(&mut self) -> Result<()> {
        let Some(mut cache) = self.pooled_cache.take() else {
            return Ok(());
        };
        for batch in self.batches_of(1) {
            for rows in batch.chunks(self.options.batch_size) {
                let read = rows.iter().map(|&row| &self.training_rows.rows[row]);
                let batch = collate(read, self.training_rows.pad_id);
                let input = Input::new(&batch, &self.device.handle.clone().autodiff());
                self.cached_pooled(&mut cache, rows, &input).await?;
            }
        }
        self.pooled_cache = Some(cache);
        Ok(())
    }

    /// A row as the model reads it in an epoch: masked or augmented.
    fn row_in_epoch(&self, row: usize, epoch: usize) -> Cow<'_, Row> {
        let rows = &self.training_rows.rows;
        match &self.training_rows.augmentation {
            None => Cow::Borrowed(self.objective.row(rows, row)),
            Some(augmentation) => Cow::Owned(augmentation.augment(&rows[row], row, epoch)),
        }
    }

    /// Pooled states of rows through the frozen encoder, without dropout: computed once, then taken from `cache`.
    ///
    /// # Shapes
    /// - output: `[rows, hidden]`
    async fn cached_pooled(&self, cache: &mut [Option<Vec<f32>>], rows: &[usize], input: &Input) -> Result<Tensor<2>> {
        if rows.iter().any(|&row| cache[row].is_none()) {
            let pooled = self.autodiff_model().bert.forward(input, &Dropout::off());
            let [_, hidden] = pooled.dims();
            let values = device::read(pooled.inner()).await?;
            for (&row, values) in rows.iter().zip(values.chunks_exact(hidden)) {
                cache[row] = Some(values.to_vec());
            }
        }
        let values: Vec<f32> = rows
            .iter()
            .flat_map(|&row| cache[row].iter().flatten().copied())
            .collect();
        let shape = [rows.len(), values.len() / rows.len()];
        Ok(floats(values, shape, &self.device.handle.clone().autodiff()))
    }
}
