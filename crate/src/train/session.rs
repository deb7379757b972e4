//! One fine-tuning run: model, moments, order and step count. Each call of `step` is one AdamW step.

use std::cell::OnceCell;

use burn::module::Module;

use super::{
    adalora::Ranks,
    batches::epoch_batches,
    methods::Method,
    objectives::Objective,
    options::TrainOptions,
    param_groups::{Share, check_frozen, count, select, trainable},
    schedule,
    sparse_embedding::RunVocabulary,
    update,
};
use crate::{
    Error, Result,
    device::{self, Device},
    kernels::{AdamW, Dropout, Moments},
    model::BertForSequenceClassification,
    text::{Augmentation, Row},
};

/// What one step did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// This step, from 1.
    pub step: usize,
    /// Its epoch, from 1.
    pub epoch: usize,
    /// The objective's loss of the step's items; a label's cross-entropy in nats.
    pub loss: f32,
    /// The learning rate it used.
    pub learning_rate: f64,
    /// Global gradient norm before clipping.
    pub grad_norm: f64,
    /// Items of the step: rows, or pairs of them.
    pub rows: usize,
    /// Real tokens of its rows.
    pub tokens: usize,
    /// Padding beside them, in tokens.
    pub padded_tokens: usize,
    /// Whether it was its epoch's last.
    pub epoch_end: bool,
}

/// What a run reads.
pub struct Texts {
    /// The rows to learn from.
    pub rows: Vec<Row>,
    /// What fills up the shorter ones of a batch.
    pub pad_id: u32,
    /// How they are changed for each epoch, if at all.
    pub augmentation: Option<Augmentation>,
}

/// A run in progress. It owns a trained copy of the model; [`TrainingSession::model`] gives it without autodiff.
pub struct TrainingSession {
    model: Option<BertForSequenceClassification>,
    moments: Vec<Option<Moments>>,
    /// What is trained, in the order of the module's visit.
    selection: Vec<Option<Share>>,
    /// Where only word embeddings of the rows' own words are trained.
    vocabulary: Option<RunVocabulary>,
    /// With the ids of `vocabulary`, if any.
    pub(super) texts: Texts,
    pub(super) objective: Objective,
    pub(super) options: TrainOptions,
    pub(super) dropout: Dropout,
    pub(super) device: Device,
    /// Pooled states of the rows where the encoder is frozen, each once it was computed.
    pub(super) pooled: Option<Vec<Option<Vec<f32>>>>,
    /// AdaLoRA's.
    ranks: Option<Ranks>,
    /// Of the epoch under way.
    batches: Vec<Vec<usize>>,
    done: usize,
    last: Option<AdamW>,
    /// The model of the last finished step, once somebody asked for it.
    finished: OnceCell<BertForSequenceClassification>,
}

impl TrainingSession {
    /// Begins a run over the rows of `texts`.
    ///
    /// # Errors
    /// `bad-option`, `bad-row`.
    pub fn begin(
        model: &BertForSequenceClassification,
        mut texts: Texts,
        objective: Objective,
        options: TrainOptions,
        dropout: Dropout,
        device: Device,
    ) -> Result<Self> {
        options.check()?;
        if texts.rows.is_empty() || objective.items() == 0 {
            return Err(Error::bad_row(format!(
                "expected at least one training row with a label, found {} rows to learn from",
                objective.items()
            )));
        }
        check_frozen(model, &options)?;
        let selection = select(model, &options);
        if !selection.iter().any(Option::is_some) {
            return Err(Error::bad_option(
                "freezeLayers",
                "fewer layers than would leave nothing to train",
                options.freeze_layers,
            ));
        }
        let mut model = model.clone();
        // The word embeddings are visited first.
        // Masked words are told from all others, so that every row of the table has a gradient.
        let some_words = selection[0].is_some() && !matches!(objective, Objective::Words(_));
        let vocabulary = some_words.then(|| {
            let mask_id = texts
                .augmentation
                .as_ref()
                .and_then(|augmentation| augmentation.mask_id);
            let others = [texts.pad_id, mask_id.unwrap_or(texts.pad_id)];
            let table = model.bert.word_embeddings();
            let (vocabulary, trained, [pad_id, mask_id]) = RunVocabulary::begin(table, &mut texts.rows, others);
            texts.renumber(pad_id, mask_id);
            (vocabulary, trained)
        });
        let vocabulary = vocabulary.map(|(vocabulary, trained)| {
            model = model.clone().with_word_embeddings(trained);
            vocabulary
        });
        let ranks = (options.method == Method::Adalora).then(|| Ranks::new(&options.adalora));
        let pooled = (options.method == Method::Head).then(|| vec![None; texts.rows.len()]);
        let model = trainable(model, &mut selection.iter().map(Option::is_some)).train();
        Ok(Self {
            selection,
            vocabulary,
            model: Some(model),
            moments: Vec::new(),
            texts,
            objective,
            options,
            dropout,
            device,
            pooled,
            ranks,
            batches: Vec::new(),
            done: 0,
            last: None,
            finished: OnceCell::new(),
        })
    }

    /// Steps of one epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.objective.items().div_ceil(self.options.items_a_step())
    }

    /// Steps of the whole run.
    pub fn steps(&self) -> usize {
        self.steps_per_epoch() * self.options.epochs
    }

    /// Whether every step is done.
    pub fn finished(&self) -> bool {
        self.done >= self.steps()
    }

    /// Numbers that the run trains.
    pub fn trained_parameters(&self) -> usize {
        count(self.current(), &self.selection)
    }

    /// The model with the weights of the last finished step, without autodiff.
    pub fn model(&self) -> &BertForSequenceClassification {
        self.finished.get_or_init(|| {
            let model = self.current().valid();
            match &self.vocabulary {
                None => model,
                Some(vocabulary) => {
                    let whole = vocabulary.whole(model.bert.word_embeddings());
                    model.with_word_embeddings(whole)
                }
            }
        })
    }

    /// The model in training.
    pub(super) fn current(&self) -> &BertForSequenceClassification {
        match &self.model {
            Some(model) => model,
            None => unreachable!("the model is away only inside a step"),
        }
    }

    /// The next step of the run, on the items that its order says.
    ///
    /// # Errors
    /// As [`TrainingSession::step_on`].
    pub async fn step(&mut self) -> Result<StepReport> {
        let place = self.done % self.steps_per_epoch();
        if place == 0 {
            let epoch = self.done / self.steps_per_epoch() + 1;
            let longest = |item: usize| self.objective.rows_of(&[item]).into_iter();
            let longest = |item| longest(item).map(|row| self.texts.rows[row].input_ids.len()).max();
            let lengths: Vec<usize> = (0..self.objective.items()).filter_map(longest).collect();
            self.batches = epoch_batches(&lengths, epoch, &self.options);
            if let Objective::Words(words) = &mut self.objective {
                let parts = self
                    .batches
                    .iter()
                    .flat_map(|batch| batch.chunks(self.options.batch_size));
                words.draw(&self.texts.rows, epoch, parts);
            }
        }
        let chosen = self.batches[place].clone();
        self.step_on(&chosen).await
    }

    /// One step on chosen items: forward, loss, backward, clipping, AdamW. Read back: loss and gradient norm alone.
    ///
    /// # Errors
    /// `diverged` where loss or gradient norm is not finite; the weights are then the last that gave a finite loss.
    pub async fn step_on(&mut self, chosen: &[usize]) -> Result<StepReport> {
        self.finished = OnceCell::new();
        let step = self.done + 1;
        let mut sum = self.differentiate(step, chosen).await?;
        if let Some(ranks) = &self.ranks {
            sum.slopes = ranks
                .with_orthogonality(self.current(), sum.slopes, &self.device.handle)
                .await?;
        }
        let square = update::squared_norm(&sum.slopes, &self.device.handle);
        let [loss, square] = device::read_both(sum.loss, square).await?;
        let (loss, grad_norm) = match check_finite(step, loss, square) {
            Ok(numbers) => numbers,
            Err(error) => {
                self.take_back(&error);
                return Err(error);
            }
        };
        let learning_rate = schedule::learning_rate(&self.options, step, self.steps());
        let adamw = self.adamw(step, learning_rate, grad_norm);
        let moments = std::mem::take(&mut self.moments);
        let Some(model) = self.model.take() else {
            unreachable!("put back at the end of each step")
        };
        let kept = self.ranks.is_some().then(|| sum.slopes.clone());
        let (model, moments) = update::apply(model, adamw, &self.selection, moments, sum.slopes);
        (self.model, self.moments) = (Some(model), moments);
        if let (Some(vocabulary), Some(Some(share))) = (&mut self.vocabulary, self.selection.first()) {
            vocabulary.decay(adamw.with_share(share.learning_rate, share.decays).keep());
        }
        self.last = Some(adamw);
        self.done = step;
        if let (Some(slopes), Some(mut ranks)) = (kept, self.ranks.take()) {
            let model = self.current().clone();
            let steps = self.steps();
            let model = ranks
                .after_step(model, &slopes, adamw.gradient_scale, step, steps)
                .await;
            self.ranks = Some(ranks);
            self.model = Some(model?);
        }
        Ok(StepReport {
            step,
            epoch: (step - 1) / self.steps_per_epoch() + 1,
            loss,
            learning_rate,
            grad_norm,
            rows: chosen.len(),
            tokens: sum.tokens,
            padded_tokens: sum.padded_tokens,
            epoch_end: step.is_multiple_of(self.steps_per_epoch()),
        })
    }

    /// After a step whose loss is no number: the weights before the step that led there.
    fn take_back(&mut self, error: &Error) {
        let (Error::Diverged { quantity: "loss", .. }, Some(last)) = (error, self.last.take()) else {
            return;
        };
        if let Some(model) = self.model.take() {
            if let (Some(vocabulary), Some(Some(share))) = (&mut self.vocabulary, self.selection.first()) {
                vocabulary.decay(1.0 / last.with_share(share.learning_rate, share.decays).keep());
            }
            let moments = std::mem::take(&mut self.moments);
            self.model = Some(update::undo(model, last, &self.selection, moments));
        }
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

impl Texts {
    /// Takes the ids that the words of the run have.
    fn renumber(&mut self, pad_id: u32, mask_id: u32) {
        self.pad_id = pad_id;
        if let Some(augmentation) = &mut self.augmentation {
            augmentation.mask_id = augmentation.mask_id.and(Some(mask_id));
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
