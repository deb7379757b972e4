//! A loaded checkpoint on a device: encode, classify, embed, train, save. What `wasm` and the tests call.

use burn::tensor::Tensor;
use serde::Serialize;

use crate::{
    Error, Result,
    checkpoint::{self, BertConfig, Dtype, Pooling, SavedAs, Tensors},
    device::{self, Device},
    kernels::Dropout,
    load_options::{check_labels, max_length, own_labels, pooling},
    model::{BertForSequenceClassification, Input},
    text::{BertTokenizer, Row, collate},
    train::{self, Data, Plan, Room, Sizes, StepReport, TrainOptions, TrainingSession},
};

mod create;
mod words;

pub use self::{
    create::CreateOptions,
    words::{Begun, Filled},
};
pub use crate::load_options::LoadOptions;

/// What was loaded. Serialized with the names of the JavaScript API.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// The checkpoint's class.
    pub architecture: String,
    /// Encoder layers.
    pub layers: usize,
    /// Width of a hidden state.
    pub hidden_size: usize,
    /// Attention heads.
    pub heads: usize,
    /// Rows of the word embedding.
    pub vocab_size: usize,
    /// Trainable numbers of the model as loaded.
    pub parameters: usize,
    /// Most tokens of a row.
    pub max_length: usize,
    /// `cls`, `mean` or `max`.
    pub pooling: &'static str,
    /// Labels in the order of the logits.
    pub labels: Vec<String>,
    /// Whether the head was made anew.
    pub new_head: bool,
    /// Whether the model has the masked-language-model head.
    pub masked_lm: bool,
    /// Tensors made anew, by name.
    pub new_tensors: Vec<String>,
    /// Tensors of the file that were not used, by name.
    pub unused_tensors: Vec<String>,
}

/// A model with its tokenizer, labels and, during a run, its training session.
pub struct Engine {
    device: Device,
    config: BertConfig,
    tokenizer: BertTokenizer,
    /// Away while `session` has it.
    model: Option<BertForSequenceClassification>,
    pooling: Pooling,
    info: Info,
    session: Option<TrainingSession>,
    /// Whether the masked-language-model head has learned something, from a file or here.
    predicts: bool,
}

impl Engine {
    /// Reads a checkpoint onto an opened device.
    ///
    /// # Errors
    /// The codes of [`checkpoint`] and [`BertTokenizer::read`]; `bad-option`.
    pub fn load(device: Device, config: &[u8], tokenizer: &[u8], weights: &[u8], options: LoadOptions) -> Result<Self> {
        use burn::module::Module;
        let config = BertConfig::parse(config)?;
        let tensors = Tensors::open(weights)?;
        let max_length = max_length(&config, options.max_length)?;
        let tokenizer = BertTokenizer::read(
            tokenizer,
            options.tokenizer_config.as_deref(),
            config.vocab_size,
            max_length,
        )?;
        let pooling = pooling(&config, &tensors, options.pooling.as_deref())?;
        let own = own_labels(&config, &tensors);
        let labels = match options.labels {
            Some(labels) => check_labels(labels)?,
            None => own.clone(),
        };
        let keep_head = !labels.is_empty() && labels == own;
        let loaded = checkpoint::load(
            &tensors,
            &config,
            pooling,
            labels.len(),
            keep_head,
            options.seed,
            &device.handle,
        )?;
        let loaded = match options.masked_lm {
            true => checkpoint::add_masked_lm(loaded, &tensors, &config, options.seed, &device.handle)?,
            false => loaded,
        };
        let has_new = |name: &String| name.starts_with("cls.");
        let predicts = options.masked_lm && !loaded.new_tensors.iter().any(has_new);
        let info = Info {
            architecture: config.architecture.clone(),
            layers: config.num_hidden_layers,
            hidden_size: config.hidden_size,
            heads: config.num_attention_heads,
            vocab_size: config.vocab_size,
            parameters: loaded.model.num_params(),
            max_length,
            pooling: pooling.name(),
            new_head: !labels.is_empty() && !keep_head,
            masked_lm: options.masked_lm,
            labels,
            new_tensors: loaded.new_tensors,
            unused_tensors: loaded.unused_tensors,
        };
        Ok(Self {
            device,
            config,
            tokenizer,
            model: Some(loaded.model),
            pooling,
            info,
            session: None,
            predicts,
        })
    }

    /// What was loaded.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Token ids of texts, cut to `max_length`.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    pub fn encode(&self, texts: &[String]) -> Result<Vec<Row>> {
        texts.iter().map(|text| self.tokenizer.encode(text)).collect()
    }

    /// Token ids of texts, of which some are one of a pair: `pairs` gives the other, and may be shorter than `texts`.
    ///
    /// # Errors
    /// `bad-tokenizer`; `bad-row` for a pair where the checkpoint tells no segments apart.
    pub fn encode_pairs(&self, texts: &[String], pairs: &[Option<String>]) -> Result<Vec<Row>> {
        let pair_of = |index: usize| pairs.get(index).and_then(Option::as_deref);
        let rows = texts.iter().enumerate().map(|(index, text)| match pair_of(index) {
            None => self.tokenizer.encode(text),
            Some(pair) => {
                let row = self.tokenizer.encode_pair(text, pair)?;
                let segments = self.config.type_vocab_size;
                match row.token_type_ids.iter().max() {
                    Some(&segment) if segment as usize >= segments => Err(Error::BadRow(format!(
                        "text {index}: its pair is of segment {segment}; the checkpoint has {segments} (type_vocab_size)"
                    ))),
                    _ => Ok(row),
                }
            }
        });
        rows.collect()
    }

    /// Logits of rows as one padded batch, without dropout.
    ///
    /// # Shapes
    /// - output: `[rows, labels]`, row-major
    ///
    /// # Errors
    /// `bad-option` where the model has no head; `device-lost`.
    pub async fn logits(&self, rows: &[&Row]) -> Result<Vec<f32>> {
        let input = self.input(rows);
        match self.current_model().forward(&input, &Dropout::off()) {
            Some(logits) => device::read(logits).await,
            None => Err(no_head()),
        }
    }

    /// Pooled states of rows as one padded batch, scaled to length 1 where `normalize`.
    ///
    /// # Shapes
    /// - output: `[rows, hidden]`, row-major
    ///
    /// # Errors
    /// `device-lost`.
    pub async fn embed(&self, rows: &[&Row], normalize: bool) -> Result<Vec<f32>> {
        let pooled: Tensor<2> = self.current_model().bert.forward(&self.input(rows), &Dropout::off());
        let mut values = device::read(pooled).await?;
        if normalize {
            for row in values.chunks_exact_mut(self.info.hidden_size) {
                let length = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt().max(1e-12);
                row.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
            }
        }
        Ok(values)
    }

    /// Hidden states of rows as one padded batch, after the embeddings and after each layer. What the tests hold against
    /// transformers on every device.
    ///
    /// # Shapes
    /// - output: layers + 1 of `[rows, seq_len, hidden]`, row-major
    ///
    /// # Errors
    /// `device-lost`.
    pub async fn hidden_states(&self, rows: &[&Row]) -> Result<Vec<Vec<f32>>> {
        let states = self
            .current_model()
            .bert
            .hidden_states(&self.input(rows), &Dropout::off());
        let mut values = Vec::with_capacity(states.len());
        for state in states {
            values.push(device::read(state).await?);
        }
        Ok(values)
    }

    /// Begins a run; ends one that was begun before. Gives its steps, and the steps of an epoch.
    ///
    /// # Errors
    /// `bad-option`, `bad-row`.
    pub fn begin_training(
        &mut self,
        rows: Vec<Row>,
        targets: Vec<u32>,
        options: TrainOptions,
    ) -> Result<(usize, usize)> {
        self.end_training();
        if self.info.labels.is_empty() {
            return Err(no_head());
        }
        if let Some(row) = targets
            .iter()
            .position(|&target| target as usize >= self.info.labels.len())
        {
            return Err(Error::BadRow(format!(
                "row {row}: label index {} of {}",
                targets[row],
                self.info.labels.len()
            )));
        }
        let dropout = self.dropout(&options);
        let pad_id = self.tokenizer.pad_id();
        let session = TrainingSession::begin(
            self.current_model(),
            rows,
            targets,
            options,
            dropout,
            pad_id,
            self.device.clone(),
        )?;
        let counts = (session.steps(), session.steps_per_epoch());
        self.session = Some(session);
        self.model = None;
        Ok(counts)
    }

    /// What a run on these rows would compute and hold.
    ///
    /// # Errors
    /// `bad-option`.
    pub fn plan(&self, data: &Data, options: &TrainOptions, room: Room) -> Result<Plan> {
        options.check()?;
        Ok(train::plan(&self.sizes(), data, options, room))
    }

    /// A training step on `chosen` of `rows` that changes nothing, to be timed. Gives the multiplications of its forward
    /// pass, as [`Plan::work`] counts them.
    ///
    /// # Errors
    /// `bad-option` where the model has no head; `device-lost`.
    pub async fn rehearse(&self, rows: Vec<Row>, chosen: &[usize], options: &TrainOptions) -> Result<f64> {
        let seq_len = chosen.iter().map(|&row| rows[row].input_ids.len()).max().unwrap_or(0);
        let dropout = self.dropout(options);
        let pad_id = self.tokenizer.pad_id();
        train::rehearse(self.current_model(), rows, chosen, &dropout, pad_id, &self.device).await?;
        Ok(self.sizes().work(chosen.len(), seq_len))
    }

    /// The next step of the run that was begun.
    ///
    /// # Errors
    /// `diverged`, `device-lost`; `bad-option` where no run was begun or all its steps are done.
    pub async fn train_step(&mut self) -> Result<StepReport> {
        match &mut self.session {
            Some(session) if !session.finished() => session.step().await,
            _ => Err(no_steps_left()),
        }
    }

    /// As [`Engine::train_step`], on chosen rows instead of the run's own order.
    ///
    /// # Errors
    /// As [`Engine::train_step`].
    pub async fn train_step_on(&mut self, rows: &[usize]) -> Result<StepReport> {
        match &mut self.session {
            Some(session) if !session.finished() => session.step_on(rows).await,
            _ => Err(no_steps_left()),
        }
    }

    /// Ends the run: its weights become the model's, its moments are freed.
    pub fn end_training(&mut self) {
        if let Some(session) = self.session.take() {
            self.model = Some(session.model().clone());
        }
    }

    /// Each parameter's gradient of the mean cross-entropy of rows as one padded batch, without dropout, by its
    /// Hugging Face name and in torch's layout. What the tests hold against torch on every device.
    ///
    /// # Errors
    /// `bad-option` where the model has no head; `device-lost`.
    pub async fn gradients(&self, rows: &[&Row], targets: &[u32]) -> Result<Vec<(String, Vec<f32>)>> {
        let batch = collate(rows.iter().copied(), self.tokenizer.pad_id());
        let targets = targets.iter().map(|&target| target as i32).collect();
        train::gradients(self.current_model(), &batch, targets, &self.device).await
    }

    /// `model.safetensors` of the current weights.
    ///
    /// # Errors
    /// `device-lost`.
    pub async fn save(&self, dtype: Dtype) -> Result<Vec<u8>> {
        checkpoint::save_weights(self.current_model(), SavedAs::Classifier, dtype).await
    }

    /// `config.json` beside it.
    pub fn saved_config(&self, dtype: Dtype) -> String {
        checkpoint::save_config(&self.config, &self.info.labels, self.pooling, dtype)
    }

    /// `modeling_bertlet.py` beside it, for poolings that transformers does not have.
    pub fn saved_modeling_code(&self) -> Option<&'static str> {
        (self.pooling != Pooling::Cls).then_some(checkpoint::MODELING_CODE)
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

    fn dropout(&self, options: &TrainOptions) -> Dropout {
        match options.dropout {
            Some(probability) => Dropout::uniform(probability),
            None => Dropout::new(
                self.config.hidden_dropout_prob,
                self.config.attention_probs_dropout_prob,
                self.config.classifier_dropout,
            ),
        }
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            layers: self.config.num_hidden_layers,
            hidden: self.config.hidden_size,
            heads: self.config.num_attention_heads,
            intermediate: self.config.intermediate_size,
            vocab: self.config.vocab_size,
            parameters: self.info.parameters,
        }
    }

    fn input(&self, rows: &[&Row]) -> Input {
        Input::new(
            &collate(rows.iter().copied(), self.tokenizer.pad_id()),
            &self.device.handle,
        )
    }
}

fn no_steps_left() -> Error {
    Error::BadOption {
        name: "trainStep",
        expected: "a run with steps left".into(),
        found: "none".into(),
    }
}

pub(crate) fn no_head() -> Error {
    Error::BadOption {
        name: "labels",
        expected: "at least two labels, given when the checkpoint is loaded".into(),
        found: "a checkpoint without a classification head, and no labels".into(),
    }
}
