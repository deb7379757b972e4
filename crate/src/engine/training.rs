//! Fine-tuning runs: begin, step and end; the plan and the time of a step before a run.

use burn::tensor::Tensor;

use super::state::Engine;
use crate::{
    Error, Result, checkpoint,
    device::floats,
    kernels::{Dropout, scale_rows},
    model::{BertForSequenceClassification, ProblemType},
    peft,
    text::{Augmentation, Row, collate},
    train::{
        self, Data, MemoryBudget, Method, Plan, RowTargets, RunNumbers, RunState, Sizes, StepReport, TrainOptions,
        TrainingRows, TrainingSession, centroid_head,
    },
};

/// The size of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunInfo {
    /// Steps of the run.
    pub steps: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: usize,
    /// Trainable parameters, in elements.
    pub trained_parameters: usize,
}

impl Engine {
    /// Begins a run, and ends one that is under way. A parameter-efficient run trains the adapter `name`: it resumes
    /// the one that is on where the settings are the same, else it makes a new one.
    ///
    /// # Errors
    /// `bad-option`, `bad-row`; `bad-state` where the model has no head, or an adapter is on that the run cannot
    /// resume.
    pub fn begin_training(
        &mut self,
        rows: Vec<Row>,
        targets: RowTargets,
        options: TrainOptions,
        name: &str,
    ) -> Result<RunInfo> {
        self.end_training();
        options.check()?;
        let labels = self.info.labels.len();
        if labels == 0 {
            return Err(Error::no_head());
        }
        if rows.len() != targets.rows() {
            return Err(Error::bad_row(format!(
                "expected a label for each row, found {} rows and {} labels",
                rows.len(),
                targets.rows()
            )));
        }
        targets.check(labels)?;
        let steps = targets.rows().div_ceil(options.items_per_step()) * options.epochs;
        let objective = train::objective(targets, labels, &options)?;
        let (model, active) = self.model_for_run(&options, name, steps)?;
        let dropout = self.dropout(&options);
        let training_rows = self.training_rows(rows, &options)?;
        let session = TrainingSession::begin(&model, training_rows, objective, options, dropout, self.device.clone())?;
        let run_info = RunInfo {
            steps: session.steps(),
            steps_per_epoch: session.steps_per_epoch(),
            trained_parameters: session.trained_parameters(),
        };
        self.session = Some(session);
        self.model = None;
        self.active = active;
        Ok(run_info)
    }

    /// Checks whether a run with these options could begin, whatever its rows are. Changes nothing.
    ///
    /// # Errors
    /// As [`Engine::begin_training`].
    pub fn check_training(&self, options: &TrainOptions, name: &str) -> Result<()> {
        options.check()?;
        let (model, _) = self.model_for_run(options, name, 1)?;
        train::check_trainable(&model, options)
    }

    /// The model with new bottlenecks where the method needs them. The engine's own model stays as it is.
    pub(super) fn with_bottlenecks(
        &self,
        mut model: BertForSequenceClassification,
        options: &TrainOptions,
    ) -> Result<BertForSequenceClassification> {
        let size = options.adapter_size;
        match (options.method, self.info.adapter_size) {
            (Method::Adapter, None) => model = peft::init_bottlenecks(model, size, options.seed),
            (Method::Adapter, Some(own)) if own != size => {
                return Err(Error::bad_option(
                    "adapterSize",
                    format!("{own}, the size of the adapters that the model has"),
                    size,
                ));
            }
            _ => {}
        }
        Ok(model)
    }

    /// The estimate of a run on these rows: steps, tokens, work and peak memory.
    ///
    /// # Errors
    /// `bad-option`.
    pub fn plan(&self, data: &Data, options: &TrainOptions, budget: MemoryBudget) -> Result<Plan> {
        options.check()?;
        Ok(train::plan(&self.sizes(options)?, data, options, budget))
    }

    /// Times a training step on `chosen` of `rows`, on a copy of the model. Gives the multiplications of its forward
    /// pass, as [`Plan::work`] counts them, and its milliseconds by the clock `now`.
    ///
    /// # Errors
    /// `bad-state` where the model has no head; `device-lost`.
    pub async fn time_step(
        &self,
        rows: Vec<Row>,
        chosen: &[usize],
        options: &TrainOptions,
        now: fn() -> f64,
    ) -> Result<[f64; 2]> {
        let seq_len = chosen.iter().map(|&row| rows[row].input_ids.len()).max().unwrap_or(0);
        let labels = self.info.labels.len();
        if labels == 0 {
            return Err(Error::no_head());
        }
        // The time does not depend on the labels.
        let targets = RowTargets::Single((0..rows.len()).map(|row| (row % labels) as u32).collect());
        let options = TrainOptions {
            class_weights: None,
            ..options.clone()
        };
        let objective = train::objective(targets, labels, &options)?;
        let model = self.model_of_next_run(&options)?;
        let (dropout, training_rows) = (self.dropout(&options), self.training_rows(rows, &options)?);
        let (device, work) = (self.device.clone(), self.sizes(&options)?.work(chosen.len(), seq_len));
        let session = TrainingSession::begin(&model, training_rows, objective, options, dropout, device)?;
        Ok([work, train::time_step(session, chosen, now).await?])
    }

    /// The rows of a run with these options, with their augmentation.
    pub(super) fn training_rows(&self, rows: Vec<Row>, options: &TrainOptions) -> Result<TrainingRows> {
        let augmentation = match options.augment.is_off() {
            true => None,
            false => Some(Augmentation::new(
                self.tokenizer.as_ref(),
                &rows,
                options.augment,
                options.seed,
            )?),
        };
        Ok(TrainingRows {
            rows,
            pad_id: self.pad_id(),
            augmentation,
        })
    }

    /// The next step of the run.
    ///
    /// # Errors
    /// `diverged`, `device-lost`; `bad-state` where no run was begun or all its steps are done.
    pub async fn train_step(&mut self) -> Result<StepReport> {
        match &mut self.session {
            Some(session) if !session.is_finished() => session.step().await,
            _ => Err(no_steps_left()),
        }
    }

    /// As [`Engine::train_step`], on chosen items instead of the next batch.
    ///
    /// # Errors
    /// As [`Engine::train_step`].
    pub async fn train_step_on(&mut self, items: &[usize]) -> Result<StepReport> {
        match &mut self.session {
            Some(session) if !session.is_finished() => session.step_on(items).await,
            _ => Err(no_steps_left()),
        }
    }

    /// The state of the run so far: with the moments, or the weights alone.
    ///
    /// # Errors
    /// `bad-state` where no run was begun.
    pub fn run_state(&self, with_moments: bool) -> Result<RunState> {
        let session = self.session.as_ref().ok_or_else(no_steps_left)?;
        Ok(session.run_state(with_moments))
    }

    /// Goes on from the state of another run over the same rows, with the same options and the same model before it.
    ///
    /// # Errors
    /// `bad-journal`; `bad-state` where no run was begun; `device-lost`.
    pub async fn resume_run(&mut self, numbers: &RunNumbers, parts: Vec<Vec<f32>>) -> Result<()> {
        let session = self.session.as_mut().ok_or_else(no_steps_left)?;
        session.resume(numbers, parts).await
    }

    /// Ends the run: its weights become the model's, and its moments are freed.
    pub fn end_training(&mut self) {
        if let Some(session) = self.session.take() {
            let (model, of_head_alone) = (session.model().clone(), session.trains_head_alone());
            self.info.adapter_size = model.bottleneck_size();
            self.info.new_head &= !session.has_trained_head();
            // Its own handles of the weights go first: packing then frees each matrix as it goes on.
            drop(session);
            self.put_model(checkpoint::packed(model));
            self.store_trained_adapter(of_head_alone);
        }
    }

    /// Refuses a method that needs one label a row, on a multi-label model.
    fn require_single_label(&self, name: &'static str) -> Result<()> {
        match self.problem_type() {
            ProblemType::SingleLabel => Ok(()),
            ProblemType::MultiLabel => Err(Error::bad_option(
                name,
                "a method for rows of several labels",
                "one that needs one label a row",
            )),
        }
    }

    /// Sets the head to a nearest-centroid classifier of labelled rows, given their pooled states.
    ///
    /// # Shapes
    /// - pooled: `[rows, hidden]`, row-major
    ///
    /// # Errors
    /// `bad-state` where the model has no head; `bad-option` where rows have several labels; `bad-row`.
    pub fn fit_centroids(&mut self, pooled: &[f32], targets: &[u32]) -> Result<()> {
        self.end_training();
        let labels = self.info.labels.len();
        if labels == 0 {
            return Err(Error::no_head());
        }
        self.require_single_label("method")?;
        RowTargets::Single(targets.to_vec()).check(labels)?;
        let hidden = self.info.hidden_size;
        if targets.is_empty() || pooled.len() != targets.len() * hidden {
            return Err(Error::bad_row("expected pooled states of at least one row"));
        }
        let (weight, bias) = centroid_head(pooled, targets, labels);
        let device = &self.device.handle;
        let weight = floats(weight, [hidden, labels], device);
        let bias = floats(bias, [labels], device);
        self.model = Some(self.current_model().clone().with_head(weight, bias));
        self.info.new_head = false;
        self.store_trained_adapter(true);
        Ok(())
    }

    /// Multiplies all logits by a factor over 0, in the head itself: temperature scaling (Guo et al. 2017), with
    /// factor = 1 / temperature. A multi-label model's threshold moves with it, so that its decisions stay.
    ///
    /// # Errors
    /// `bad-state` where the model has no head; `bad-option` for another factor.
    pub fn scale_head(&mut self, factor: f32) -> Result<()> {
        self.end_training();
        if !(factor.is_finite() && factor > 0.0) {
            return Err(Error::bad_option("temperature", "a number above 0", factor));
        }
        let (weight, bias) = self.current_model().head().ok_or_else(Error::no_head)?;
        // burn's own product with a number brings its code for every number type: half a megabyte.
        let ([hidden, _], [labels], device) = (weight.dims(), bias.dims(), &self.device.handle);
        let by = |rows: usize, of: Tensor<2>| scale_rows(floats(vec![factor; rows], [1, rows], device), of);
        let (weight, bias) = (by(hidden, weight), by(1, bias.reshape([1, labels])).reshape([labels]));
        let scaled = self.current_model().clone().with_head(weight, bias);
        self.model = Some(scaled);
        if let Some(threshold) = self.info.threshold {
            let logit = (threshold / (1.0 - threshold)).ln() * f64::from(factor);
            self.set_threshold((1.0 / (1.0 + (-logit).exp())).clamp(f64::EPSILON, 1.0 - f64::EPSILON))?;
        }
        self.store_trained_adapter(true);
        Ok(())
    }

    /// Gradients of the mean cross-entropy of rows as one padded batch, without dropout, by Hugging Face name, in
    /// torch's layout. The tests hold them against torch on every device.
    ///
    /// # Errors
    /// `bad-state` where the model has no head; `device-lost`.
    pub async fn gradients(&self, rows: &[&Row], targets: &[u32]) -> Result<Vec<(String, Vec<f32>)>> {
        let batch = collate(rows.iter().copied(), self.pad_id());
        let targets = targets.iter().map(|&target| target as i32).collect();
        train::gradients(self.current_model(), &batch, targets, &self.device).await
    }

    pub(super) fn dropout(&self, options: &TrainOptions) -> Dropout {
        let dropout = match options.dropout {
            Some(probability) => Dropout::uniform(probability),
            None => Dropout::new(
                self.config.hidden_dropout_prob,
                self.config.attention_probs_dropout_prob,
                self.config.classifier_dropout,
            ),
        };
        match options.method {
            Method::Lora => dropout.with_low_rank(options.lora.dropout),
            Method::Adalora => dropout.with_low_rank(options.adalora.dropout),
            _ => dropout,
        }
    }

    /// What a run would train, for an estimate: it resumes the adapter that is on, by whichever name.
    fn model_of_next_run(&self, options: &TrainOptions) -> Result<BertForSequenceClassification> {
        let name = self.active.as_ref().map_or(DEFAULT_NAME, |active| &active.name);
        Ok(self.model_for_run(options, name, 1)?.0)
    }

    fn sizes(&self, options: &TrainOptions) -> Result<Sizes> {
        let model = self.model_of_next_run(options)?;
        let trained = train::trained_params(&model, options);
        Ok(Sizes {
            layers: self.config.num_hidden_layers,
            hidden: self.config.hidden_size,
            heads: self.config.num_attention_heads,
            intermediate: self.config.intermediate_size,
            vocab: self.config.vocab_size,
            trainable: trained.trainable,
            trains_word_embeddings: trained.word_embeddings,
            widening_bytes: trained.widening_bytes,
            trains_encoder: options.method != Method::Head,
        })
    }
}

/// The adapter's name in an estimate.
const DEFAULT_NAME: &str = "default";

fn no_steps_left() -> Error {
    Error::bad_state("no run with steps left is under way", "begin a run first")
}
