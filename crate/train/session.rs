//! One fine-tuning run: model, moments, order and step count. Each call of `step` is one AdamW step.

use std::cell::OnceCell;

use burn::module::Module;

use super::{TrainOptions, epoch_batches, schedule, update, vocabulary::RunVocabulary};
use crate::{
    Error, Result,
    device::{self, Device},
    kernels::{AdamW, Dropout, Moments, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::{Row, collate},
};

/// What one step did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// This step, from 1.
    pub step: usize,
    /// Its epoch, from 1.
    pub epoch: usize,
    /// Mean cross-entropy of the batch, in nats.
    pub loss: f32,
    /// The learning rate it used.
    pub learning_rate: f64,
    /// Global gradient norm before clipping.
    pub grad_norm: f64,
    /// Rows of the batch.
    pub rows: usize,
    /// Real tokens of the batch.
    pub tokens: usize,
    /// Padding of the batch, to its longest row, in tokens.
    pub padded_tokens: usize,
    /// Whether it was its epoch's last.
    pub epoch_end: bool,
}

/// A run in progress. It owns a trained copy of the model; [`TrainingSession::model`] gives it without autodiff.
pub struct TrainingSession {
    model: Option<BertForSequenceClassification>,
    moments: Vec<Moments>,
    /// Whether weight decay touches each parameter, in the order of the module's visit.
    decays: Vec<bool>,
    vocabulary: RunVocabulary,
    /// With the ids of `vocabulary`, as `pad_id`.
    rows: Vec<Row>,
    targets: Vec<u32>,
    options: TrainOptions,
    dropout: Dropout,
    device: Device,
    pad_id: u32,
    /// Of the epoch under way.
    batches: Vec<Vec<usize>>,
    done: usize,
    last: Option<AdamW>,
    /// The model of the last finished step, once somebody asked for it.
    finished: OnceCell<BertForSequenceClassification>,
}

impl TrainingSession {
    /// Begins a run over `rows` with a label index each.
    ///
    /// # Errors
    /// `bad-option`, `bad-row`.
    pub fn begin(
        model: &BertForSequenceClassification,
        mut rows: Vec<Row>,
        targets: Vec<u32>,
        options: TrainOptions,
        dropout: Dropout,
        pad_id: u32,
        device: Device,
    ) -> Result<Self> {
        options.check()?;
        if rows.is_empty() || rows.len() != targets.len() {
            return Err(Error::BadRow(format!(
                "expected at least one training row with a label each, found {} rows and {} labels",
                rows.len(),
                targets.len()
            )));
        }
        let decays = update::decays(model);
        let (vocabulary, trained, pad_id) = RunVocabulary::begin(model.bert.word_embeddings(), &mut rows, pad_id);
        let model = model.clone().with_word_embeddings(trained).train();
        Ok(Self {
            decays,
            vocabulary,
            model: Some(model),
            moments: Vec::new(),
            rows,
            targets,
            options,
            dropout,
            device,
            pad_id,
            batches: Vec::new(),
            done: 0,
            last: None,
            finished: OnceCell::new(),
        })
    }

    /// Steps of one epoch; one may have fewer rows.
    pub fn steps_per_epoch(&self) -> usize {
        self.rows.len().div_ceil(self.options.batch_size)
    }

    /// Steps of the whole run.
    pub fn steps(&self) -> usize {
        self.steps_per_epoch() * self.options.epochs
    }

    /// Whether every step is done.
    pub fn finished(&self) -> bool {
        self.done >= self.steps()
    }

    /// The model with the weights of the last finished step, without autodiff.
    pub fn model(&self) -> &BertForSequenceClassification {
        self.finished.get_or_init(|| {
            let Some(model) = &self.model else {
                unreachable!("the model is away only inside a step")
            };
            let model = model.valid();
            let whole = self.vocabulary.whole(model.bert.word_embeddings());
            model.with_word_embeddings(whole)
        })
    }

    /// The next step of the run, on the rows that its order says.
    ///
    /// # Errors
    /// As [`TrainingSession::step_on`].
    pub async fn step(&mut self) -> Result<StepReport> {
        let place = self.done % self.steps_per_epoch();
        if place == 0 {
            let epoch = self.done / self.steps_per_epoch() + 1;
            let lengths: Vec<usize> = self.rows.iter().map(|row| row.input_ids.len()).collect();
            self.batches = epoch_batches(&lengths, epoch, &self.options);
        }
        let chosen = self.batches[place].clone();
        self.step_on(&chosen).await
    }

    /// One step on chosen rows: forward, cross-entropy, backward, clipping, AdamW. Read back: loss and gradient
    /// norm alone.
    ///
    /// # Errors
    /// `diverged` where loss or gradient norm is not finite; the weights are then the last that gave a finite loss.
    pub async fn step_on(&mut self, chosen: &[usize]) -> Result<StepReport> {
        self.finished = OnceCell::new();
        let step = self.done + 1;
        let batch = collate(chosen.iter().map(|&row| &self.rows[row]), self.pad_id);
        let targets: Vec<i32> = chosen.iter().map(|&row| self.targets[row] as i32).collect();

        let Some(model) = self.model.take() else {
            unreachable!("the model is away only inside a step")
        };
        let input = Input::new(&batch, &self.device.handle.clone().autodiff());
        let Some(logits) = model.forward(&input, &self.dropout.for_step(self.options.seed, step)) else {
            self.model = Some(model);
            return Err(Error::BadRow(
                "the model has no classification head to train".to_owned(),
            ));
        };
        let loss = cross_entropy(logits, targets);
        let gradients = loss.backward();
        let square = update::squared_norm(&model, &gradients, &self.device.handle);
        let numbers = async { Ok((device::read(loss.inner()).await?[0], device::read(square).await?[0])) };
        let checked = numbers
            .await
            .and_then(|(loss, square)| check_finite(step, loss, square));
        let (loss, grad_norm) = match checked {
            Ok(numbers) => numbers,
            Err(error) => {
                let unusable = matches!(error, Error::Diverged { quantity: "loss", .. });
                self.model = Some(match self.last.take() {
                    Some(last) if unusable => {
                        self.vocabulary.decay(1.0 / last.keep());
                        update::undo(model, last, &self.decays, std::mem::take(&mut self.moments))
                    }
                    _ => model,
                });
                return Err(error);
            }
        };
        let learning_rate = schedule::learning_rate(&self.options, step, self.steps());
        let adamw = self.adamw(step, learning_rate, grad_norm);
        let moments = std::mem::take(&mut self.moments);
        let (model, moments) = update::apply(model, adamw, &self.decays, moments, gradients);
        (self.model, self.moments) = (Some(model), moments);
        self.vocabulary.decay(adamw.keep());
        self.last = Some(adamw);
        self.done = step;
        Ok(StepReport {
            step,
            epoch: (step - 1) / self.steps_per_epoch() + 1,
            loss,
            learning_rate,
            grad_norm,
            rows: batch.batch,
            tokens: batch.tokens(),
            padded_tokens: batch.padding(),
            epoch_end: step.is_multiple_of(self.steps_per_epoch()),
        })
    }

    fn adamw(&self, step: usize, learning_rate: f64, grad_norm: f64) -> AdamW {
        let options = &self.options;
        // As torch's clip_grad_norm_.
        let gradient_scale = match options.max_grad_norm {
            0.0 => 1.0,
            largest => (largest / (grad_norm + 1e-6)).min(1.0),
        };
        AdamW {
            learning_rate,
            beta1: options.adam_beta1,
            beta2: options.adam_beta2,
            epsilon: options.adam_epsilon,
            weight_decay: options.weight_decay,
            gradient_scale,
            step: step as i32,
        }
    }
}

/// Checked as bits on the CPU: a shader may assume that NaN does not exist.
fn check_finite(step: usize, loss: f32, square: f32) -> Result<(f32, f64)> {
    match (loss.is_finite(), square.is_finite()) {
        (false, _) => Err(Error::Diverged { step, quantity: "loss" }),
        (_, false) => Err(Error::Diverged {
            step,
            quantity: "gradient norm",
        }),
        _ => Ok((loss, f64::from(square).sqrt())),
    }
}
