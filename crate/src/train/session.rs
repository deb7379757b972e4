//! One fine-tuning run: model, moments, batches and step count. Each call of `step` is one AdamW step.

use std::cell::OnceCell;

use burn::module::Module;

use super::{
    adalora::RankAllocator,
    batches::epoch_batches,
    distillation::{DistillOptions, Distillation},
    methods::Method,
    objectives::Objective,
    options::TrainOptions,
    param_groups::{ParamGroup, check_frozen, count, param_groups, trainable},
    schedule,
    sparse_embedding::SparseEmbedding,
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
    /// Number of the step, from 1.
    pub step: usize,
    /// Number of its epoch, from 1.
    pub epoch: usize,
    /// Loss of the step's items before the update; cross-entropy in nats.
    pub loss: f32,
    /// Learning rate of the step.
    pub learning_rate: f64,
    /// Global gradient norm before clipping.
    pub grad_norm: f64,
    /// Items of the step: rows, or pairs of rows.
    pub rows: usize,
    /// Tokens of its rows, without padding.
    pub tokens: usize,
    /// Padding tokens.
    pub padded_tokens: usize,
    /// Whether it was the last step of its epoch.
    pub epoch_end: bool,
}

/// The rows of a run.
pub struct TrainingRows {
    /// Token ids of each row.
    pub rows: Vec<Row>,
    /// Id of the padding token.
    pub pad_id: u32,
    /// Augmentation in each epoch, if any.
    pub augmentation: Option<Augmentation>,
}

/// Checks that the options leave something to train.
///
/// # Errors
/// `bad-option`.
pub fn check_trainable(model: &BertForSequenceClassification, options: &TrainOptions) -> Result<()> {
    check_frozen(model, options)?;
    if param_groups(model, options).iter().any(Option::is_some) {
        return Ok(());
    }
    Err(Error::bad_option(
        "freezeLayers",
        "fewer layers than would leave nothing to train",
        options.freeze_layers,
    ))
}

/// A run in progress. It owns a trained copy of the model; [`TrainingSession::model`] gives it without autodiff.
pub struct TrainingSession {
    pub(super) model: Option<BertForSequenceClassification>,
    pub(super) moments: Vec<Option<Moments>>,
    /// One for each trained parameter, in the order of the module's visit.
    pub(super) param_groups: Vec<Option<ParamGroup>>,
    /// Where only the word embeddings in use are trained.
    pub(super) sparse_embedding: Option<SparseEmbedding>,
    /// With the ids of `sparse_embedding`, if any.
    pub(super) training_rows: TrainingRows,
    pub(super) objective: Objective,
    pub(super) options: TrainOptions,
    pub(super) dropout: Dropout,
    pub(super) device: Device,
    /// Where the encoder is frozen: each row's pooled states, once they were computed.
    pub(super) pooled_cache: Option<Vec<Option<Vec<f32>>>>,
    /// Where the run has a teacher.
    pub(super) distillation: Option<Distillation>,
    /// AdaLoRA's rank allocation.
    pub(super) adalora: Option<RankAllocator>,
    /// The item indices of each step of the current epoch.
    batches: Vec<Vec<usize>>,
    pub(super) steps_done: usize,
    /// The step after which the moments began.
    pub(super) moments_from: usize,
    /// The settings of the last update, for a roll-back.
    pub(super) last_update: Option<AdamW>,
    /// The model after the last step, without autodiff, once it was asked for.
    pub(super) trained_model: OnceCell<BertForSequenceClassification>,
}

impl TrainingSession {
    /// Begins a run on a copy of `model` over the rows of `training_rows`.
    ///
    /// # Errors
    /// `bad-option`, `bad-row`.
    pub fn begin(
        model: &BertForSequenceClassification,
        mut training_rows: TrainingRows,
        objective: Objective,
        options: TrainOptions,
        dropout: Dropout,
        device: Device,
    ) -> Result<Self> {
        options.check()?;
        if training_rows.rows.is_empty() || objective.items() == 0 {
            return Err(Error::bad_row(format!(
                "expected at least one training row with a label, found {} rows to learn from",
                objective.items()
            )));
        }
        check_trainable(model, &options)?;
        let param_groups = param_groups(model, &options);
        let mut model = model.clone();
        // The word embeddings are visited first. With masked-LM every one of them has a gradient: each masked token is
        // told from all others.
        let is_sparse = param_groups[0].is_some() && !matches!(objective, Objective::MaskedLm(_));
        let sparse_embedding = is_sparse.then(|| {
            let augmentation = training_rows.augmentation.as_ref();
            let mask_id = augmentation.and_then(|augmentation| augmentation.mask_id);
            let others = [training_rows.pad_id, mask_id.unwrap_or(training_rows.pad_id)];
            let table = model.bert.word_embeddings();
            let (sparse, trained, [pad_id, mask_id]) = SparseEmbedding::new(table, &mut training_rows.rows, others);
            training_rows.renumber(pad_id, mask_id);
            model = model.clone().with_word_embeddings(trained);
            sparse
        });
        let adalora = (options.method == Method::Adalora).then(|| RankAllocator::new(&options.adalora));
        let pooled_cache = (options.method == Method::Head).then(|| vec![None; training_rows.rows.len()]);
        let model = trainable(model, &mut param_groups.iter().map(Option::is_some)).train();
        Ok(Self {
            param_groups,
            sparse_embedding,
            model: Some(model),
            moments: Vec::new(),
            training_rows,
            objective,
            options,
            dropout,
            device,
            pooled_cache,
            distillation: None,
            adalora,
            batches: Vec::new(),
            steps_done: 0,
            moments_from: 0,
            last_update: None,
            trained_model: OnceCell::new(),
        })
    }

    /// The run with a teacher, whose tokens are the student's.
    pub fn taught_by(mut self, teacher: BertForSequenceClassification, options: DistillOptions) -> Self {
        let words = teacher.bert.word_embeddings();
        let teacher = match &self.sparse_embedding {
            None => teacher,
            Some(sparse) => teacher.with_word_embeddings(sparse.rows_of(words)),
        };
        self.distillation = Some(Distillation::new(teacher, options, self.training_rows.rows.len()));
        self
    }

    /// Steps of one epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.objective.items().div_ceil(self.options.items_per_step())
    }

    /// Steps of the run.
    pub fn steps(&self) -> usize {
        self.steps_per_epoch() * self.options.epochs
    }

    /// Whether every step is done.
    pub fn is_finished(&self) -> bool {
        self.steps_done >= self.steps()
    }

    /// Whether the encoder stays as it is.
    pub fn trains_head_alone(&self) -> bool {
        self.options.method == Method::Head
    }

    /// Whether a step has trained the classification head.
    pub fn has_trained_head(&self) -> bool {
        let of_labels = matches!(
            self.objective,
            Objective::SingleLabel { .. } | Objective::MultiLabel { .. }
        );
        of_labels && self.steps_done > 0
    }

    /// Trainable parameters, in elements.
    pub fn trained_parameters(&self) -> usize {
        count(self.autodiff_model(), &self.param_groups)
    }

    /// The model after the last step, without autodiff.
    pub fn model(&self) -> &BertForSequenceClassification {
        self.trained_model.get_or_init(|| {
            let model = self.autodiff_model().valid();
            match &self.sparse_embedding {
                None => model,
                Some(sparse) => {
                    let table = sparse.full_table(model.bert.word_embeddings());
                    model.with_word_embeddings(table)
                }
            }
        })
    }

    /// The model with one of AdamW's two moments in place of each trained parameter, 0 where there is none yet.
    pub fn model_of_moments(&self, which: usize) -> BertForSequenceClassification {
        let moments = self.moments_of(which);
        match &self.sparse_embedding {
            None => moments,
            Some(sparse) => {
                let table = sparse.table_among_zeros(moments.bert.word_embeddings());
                moments.with_word_embeddings(table)
            }
        }
    }

    /// The model in training, with autodiff.
    pub(super) fn autodiff_model(&self) -> &BertForSequenceClassification {
        match &self.model {
            Some(model) => model,
            None => unreachable!("the model is moved out only inside a step"),
        }
    }

    /// The items of each step of an epoch, from 1.
    pub(super) fn batches_of(&self, epoch: usize) -> Vec<Vec<usize>> {
        let rows_of = |item: usize| self.objective.rows_of(&[item]).into_iter();
        let longest = |item| {
            rows_of(item)
                .map(|row| self.training_rows.rows[row].input_ids.len())
                .max()
        };
        let lengths: Vec<usize> = (0..self.objective.items()).filter_map(longest).collect();
        epoch_batches(&lengths, epoch, &self.options)
    }

    /// Draws the batches, and the masks if any, of the epoch that the next step is in.
    pub(super) fn begin_epoch(&mut self) {
        let epoch = self.steps_done / self.steps_per_epoch() + 1;
        self.batches = self.batches_of(epoch);
        if let Objective::MaskedLm(masked) = &mut self.objective {
            let micro_batches = self
                .batches
                .iter()
                .flat_map(|batch| batch.chunks(self.options.batch_size));
            masked.remask(&self.training_rows.rows, epoch, micro_batches);
        }
    }

    /// The next step of the run.
    ///
    /// # Errors
    /// As [`TrainingSession::step_on`].
    pub async fn step(&mut self) -> Result<StepReport> {
        let step_in_epoch = self.steps_done % self.steps_per_epoch();
        if step_in_epoch == 0 {
            self.begin_epoch();
        }
        let chosen = self.batches[step_in_epoch].clone();
        self.step_on(&chosen).await
    }

    /// One step on chosen items: forward pass, loss, backward pass, gradient clipping, AdamW. Only the loss and the
    /// gradient norm are read back.
    ///
    /// # Errors
    /// `diverged` where the loss or the gradient norm is not finite; the weights are then the last ones with a finite
    /// loss. `device-lost`.
    pub async fn step_on(&mut self, chosen: &[usize]) -> Result<StepReport> {
        self.trained_model = OnceCell::new();
        let step = self.steps_done + 1;
        let mut sum = self.differentiate(step, chosen).await?;
        if let Some(adalora) = &self.adalora {
            sum.gradients = adalora
                .add_orthogonality(self.autodiff_model(), sum.gradients, &self.device.handle)
                .await?;
        }
        let squared_norm = update::squared_norm(&sum.gradients, &self.device.handle);
        let [loss, squared_norm] = device::read_both(sum.loss, squared_norm).await?;
        let (loss, grad_norm) = match check_finite(step, loss, squared_norm) {
            Ok(numbers) => numbers,
            Err(error) => {
                self.roll_back(&error);
                return Err(error);
            }
        };
        let learning_rate = schedule::learning_rate(&self.options, step, self.steps());
        let adamw = self.adamw(step, learning_rate, grad_norm);
        let moments = std::mem::take(&mut self.moments);
        let Some(model) = self.model.take() else {
            unreachable!("put back at the end of each step")
        };
        let for_adalora = self.adalora.is_some().then(|| sum.gradients.clone());
        let (model, moments) = update::apply(model, adamw, &self.param_groups, moments, sum.gradients);
        (self.model, self.moments) = (Some(model), moments);
        if let (Some(sparse), Some(Some(group))) = (&mut self.sparse_embedding, self.param_groups.first()) {
            sparse.record_decay(adamw.with_share(group.learning_rate, group.decays).keep());
        }
        self.last_update = Some(adamw);
        self.steps_done = step;
        if let (Some(gradients), Some(mut adalora)) = (for_adalora, self.adalora.take()) {
            let model = self.autodiff_model().clone();
            let steps = self.steps();
            let model = adalora
                .after_step(model, &gradients, adamw.gradient_scale, step, steps)
                .await;
            self.adalora = Some(adalora);
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

    /// After a step whose loss is not finite: the weights before the update that led there.
    fn roll_back(&mut self, error: &Error) {
        let (Error::Diverged { quantity: "loss", .. }, Some(last)) = (error, self.last_update.take()) else {
            return;
        };
        if let Some(model) = self.model.take() {
            if let (Some(sparse), Some(Some(group))) = (&mut self.sparse_embedding, self.param_groups.first()) {
                sparse.record_decay(1.0 / last.with_share(group.learning_rate, group.decays).keep());
            }
            let moments = std::mem::take(&mut self.moments);
            self.model = Some(update::roll_back(model, last, &self.param_groups, moments));
        }
    }

    pub(super) fn adamw(&self, step: usize, learning_rate: f64, grad_norm: f64) -> AdamW {
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
            step: (step - self.moments_from) as i32,
        }
    }
}

impl TrainingRows {
    /// Takes the new ids of the padding token and of `[MASK]`.
    fn renumber(&mut self, pad_id: u32, mask_id: u32) {
        self.pad_id = pad_id;
        if let Some(augmentation) = &mut self.augmentation {
            augmentation.mask_id = augmentation.mask_id.and(Some(mask_id));
        }
    }
}

/// The loss and the gradient norm, checked on the CPU: a shader may assume that NaN does not exist.
fn check_finite(step: usize, loss: f32, squared_norm: f32) -> Result<(f32, f64)> {
    match (loss.is_finite(), squared_norm.is_finite()) {
        (false, _) => Err(Error::Diverged { step, quantity: "loss" }),
        (_, false) => Err(Error::Diverged {
            step,
            quantity: "gradient norm",
        }),
        _ => Ok((loss, f64::from(squared_norm).sqrt())),
    }
}
