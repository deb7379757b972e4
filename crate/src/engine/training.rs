//! Runs: begin, step, end, and what can be told of one beforehand.

use super::state::Engine;
use crate::{
    Error, Result,
    device::floats,
    kernels::Dropout,
    model::{BertForSequenceClassification, ProblemType},
    peft,
    text::{Augmentation, Row, collate},
    train::{
        self, Data, Method, Plan, Room, RowTargets, Sizes, StepReport, Texts, TrainOptions, TrainingSession,
        centroid_head,
    },
};

/// What a run that was begun will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    /// Its steps.
    pub steps: usize,
    /// The steps of an epoch.
    pub steps_per_epoch: usize,
    /// Numbers that it trains.
    pub trained_parameters: usize,
}

impl Engine {
    /// Begins a run; ends one that was begun before. A parameter-efficient run trains the adapter `name`: the one that
    /// is on, where it has the same settings, else a new one.
    ///
    /// # Errors
    /// `bad-option`, `bad-row`.
    pub fn begin_training(
        &mut self,
        rows: Vec<Row>,
        targets: RowTargets,
        options: TrainOptions,
        name: &str,
    ) -> Result<Begun> {
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
        let steps = targets.rows().div_ceil(options.items_a_step()) * options.epochs;
        let objective = train::objective(targets, labels, &options)?;
        let (model, active) = self.prepared(&options, name, steps)?;
        let dropout = self.dropout(&options);
        let texts = self.texts(rows, &options)?;
        let session = TrainingSession::begin(&model, texts, objective, options, dropout, self.device.clone())?;
        let begun = Begun {
            steps: session.steps(),
            steps_per_epoch: session.steps_per_epoch(),
            trained_parameters: session.trained_parameters(),
        };
        self.session = Some(session);
        self.model = None;
        self.active = active;
        Ok(begun)
    }

    /// The model with what a method adds to it. Changes nothing.
    pub(super) fn with_method(
        &self,
        mut model: BertForSequenceClassification,
        options: &TrainOptions,
    ) -> Result<BertForSequenceClassification> {
        let size = options.adapter_size;
        match (options.method, self.info.adapter_size) {
            (Method::Adapter, None) => model = peft::fresh_bottlenecks(model, size, options.seed),
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

    /// What a run on these rows would compute and hold.
    ///
    /// # Errors
    /// `bad-option`.
    pub fn plan(&self, data: &Data, options: &TrainOptions, room: Room) -> Result<Plan> {
        options.check()?;
        Ok(train::plan(&self.sizes(options)?, data, options, room))
    }

    /// A training step on `chosen` of `rows` that changes nothing. Gives the multiplications of its forward pass, as
    /// [`Plan::work`] counts them, and its milliseconds by `now`.
    ///
    /// # Errors
    /// `bad-state` where the model has no head; `device-lost`.
    pub async fn rehearse(
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
        // What the labels are makes no difference to the time.
        let targets = RowTargets::Single((0..rows.len()).map(|row| (row % labels) as u32).collect());
        let options = TrainOptions {
            class_weights: None,
            ..options.clone()
        };
        let objective = train::objective(targets, labels, &options)?;
        let (model, _) = self.prepared(&options, DEFAULT_NAME, 1)?;
        let (dropout, texts) = (self.dropout(&options), self.texts(rows, &options)?);
        let (device, work) = (self.device.clone(), self.sizes(&options)?.work(chosen.len(), seq_len));
        let session = TrainingSession::begin(&model, texts, objective, options, dropout, device)?;
        Ok([work, train::rehearse(session, chosen, now).await?])
    }

    /// What a run of these options reads.
    pub(super) fn texts(&self, rows: Vec<Row>, options: &TrainOptions) -> Result<Texts> {
        let augmentation = match options.augment.is_off() {
            true => None,
            false => Some(Augmentation::new(
                &self.tokenizer,
                &rows,
                options.augment,
                options.seed,
            )?),
        };
        Ok(Texts {
            rows,
            pad_id: self.tokenizer.pad_id(),
            augmentation,
        })
    }

    /// The next step of the run that was begun.
    ///
    /// # Errors
    /// `diverged`, `device-lost`; `bad-state` where no run was begun or all its steps are done.
    pub async fn train_step(&mut self) -> Result<StepReport> {
        match &mut self.session {
            Some(session) if !session.finished() => session.step().await,
            _ => Err(no_steps_left()),
        }
    }

    /// As [`Engine::train_step`], on chosen items instead of the run's own order.
    ///
    /// # Errors
    /// As [`Engine::train_step`].
    pub async fn train_step_on(&mut self, items: &[usize]) -> Result<StepReport> {
        match &mut self.session {
            Some(session) if !session.finished() => session.step_on(items).await,
            _ => Err(no_steps_left()),
        }
    }

    /// Ends the run: its weights become the model's, its moments are freed.
    pub fn end_training(&mut self) {
        if let Some(session) = self.session.take() {
            let model = session.model().clone();
            self.info.adapter_size = model.bottleneck_size();
            self.model = Some(model);
            self.keep_trained();
        }
    }

    /// Refuses what takes one label a row, of a model whose rows may have several.
    fn refuse_multiple(&self, name: &'static str) -> Result<()> {
        match self.problem_type {
            ProblemType::SingleLabel => Ok(()),
            ProblemType::MultiLabel => Err(Error::bad_option(
                name,
                "a method for rows of several labels",
                "one that needs one label a row",
            )),
        }
    }

    /// Sets the head so that the nearest centroid of the labels' rows wins, from the rows' pooled states.
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
        self.refuse_multiple("method")?;
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
        self.keep_trained();
        Ok(())
    }

    /// Each parameter's gradient of the mean cross-entropy of rows as one padded batch, without dropout, by its
    /// Hugging Face name and in torch's layout. What the tests hold against torch on every device.
    ///
    /// # Errors
    /// `bad-state` where the model has no head; `device-lost`.
    pub async fn gradients(&self, rows: &[&Row], targets: &[u32]) -> Result<Vec<(String, Vec<f32>)>> {
        let batch = collate(rows.iter().copied(), self.tokenizer.pad_id());
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

    fn sizes(&self, options: &TrainOptions) -> Result<Sizes> {
        let (model, _) = self.prepared(options, DEFAULT_NAME, 1)?;
        let trained = train::trained(&model, options);
        Ok(Sizes {
            layers: self.config.num_hidden_layers,
            hidden: self.config.hidden_size,
            heads: self.config.num_attention_heads,
            intermediate: self.config.intermediate_size,
            vocab: self.config.vocab_size,
            trained: trained.numbers,
            trains_words: trained.words,
            halves: trained.halves,
            trains_encoder: options.method != Method::Head,
        })
    }
}

/// What an adapter is called where nobody says.
const DEFAULT_NAME: &str = "default";

fn no_steps_left() -> Error {
    Error::bad_state("no run with steps left is under way", "begin a run first")
}
