//! A loaded checkpoint on a device: what `wasm` and the tests call. Here it is loaded, reads text and answers; `training`
//! runs it, `adapters` keeps and switches what parameter-efficient runs made, `save` gives it back as files. `masked_lm` is
//! masked-language modelling, `create` makes a model without a checkpoint.

mod adapters;
pub mod calibrate;
mod create;
mod load_options;
mod masked_lm;
mod save;
mod snapshot;
mod training;

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use serde::Serialize;

use crate::{
    Error, Result,
    checkpoint::{self, Tensors},
    device::{self, Device},
    kernels::Dropout,
    metrics::THRESHOLD,
    model::{BertConfig, BertForSequenceClassification, Input, Pooling, ProblemType, is_threshold, weight_bytes},
    peft::Adapter,
    text::{BertTokenizer, Row, collate},
    train::TrainingSession,
};
use adapters::Active;
use load_options::{check_labels, max_length, own_labels, pooling, problem_type};

pub use create::CreateOptions;
pub use load_options::LoadOptions;
pub use masked_lm::{Filled, PretrainingBegun};
pub use snapshot::Snapshot;

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
    /// Bytes that its device keeps them in.
    pub weight_bytes: usize,
    /// Most tokens of a row.
    pub max_length: usize,
    /// `cls`, `mean` or `max`.
    pub pooling: &'static str,
    /// Labels in the order of the logits.
    pub labels: Vec<String>,
    /// `single_label_classification` or `multi_label_classification`.
    pub problem_type: &'static str,
    /// From which score on a label is predicted, where rows may have several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Width of Houlsby's bottlenecks, where the model has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter_size: Option<usize>,
    /// Whether the model has the masked-language-model head.
    pub masked_lm: bool,
    /// Whether the head was made anew.
    pub new_head: bool,
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
    problem_type: ProblemType,
    info: Info,
    session: Option<TrainingSession>,
    /// Every adapter that was trained or added, by name.
    adapters: BTreeMap<String, Adapter>,
    /// The one that the model has on.
    active: Option<Active>,
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
        let tensors = Tensors::open("model.safetensors", weights)?;
        let max_length = max_length(&config, options.max_length)?;
        let tokenizer = BertTokenizer::read(
            tokenizer,
            options.tokenizer_config.as_deref(),
            config.vocab_size,
            max_length,
        )?;
        check_segments(&tokenizer, config.type_vocab_size)?;
        let pooling = pooling(&config, &tensors, options.pooling.as_deref())?;
        let own = own_labels(&config, &tensors);
        let labels = match options.labels {
            Some(labels) => check_labels(labels)?,
            None => own.clone(),
        };
        let keep_head = !labels.is_empty() && labels == own;
        let kept_classes = keep_head.then_some(labels.len());
        let problem_type = problem_type(&config, options.problem_type.as_deref(), kept_classes)?;
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
        let is_new = |name: &String| name.starts_with("cls.");
        let predicts = options.masked_lm && !loaded.new_tensors.iter().any(is_new);
        // One that was found for another head says nothing of a new one.
        let own_threshold = config.threshold.filter(|_| keep_head);
        let info = Info {
            architecture: config.architecture.clone(),
            layers: config.num_hidden_layers,
            hidden_size: config.hidden_size,
            heads: config.num_attention_heads,
            vocab_size: config.vocab_size,
            parameters: loaded.model.num_params(),
            weight_bytes: weight_bytes(&loaded.model),
            max_length,
            pooling: pooling.name(),
            problem_type: problem_type.name(),
            threshold: match problem_type {
                ProblemType::SingleLabel => None,
                ProblemType::MultiLabel => own_threshold.or(Some(THRESHOLD)),
            },
            adapter_size: config.adapter_size,
            masked_lm: options.masked_lm,
            new_head: !labels.is_empty() && !keep_head,
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
            problem_type,
            info,
            session: None,
            adapters: BTreeMap::new(),
            active: None,
            predicts,
        })
    }

    /// What was loaded.
    pub fn info(&self) -> &Info {
        &self.info
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
                    Some(&segment) if segment as usize >= segments => Err(Error::bad_row(format!(
                        "a text pair is of segments 0 to {segment}; the checkpoint has {segments} (type_vocab_size)"
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
    /// `bad-state` where the model has no head; `device-lost`.
    pub async fn logits(&self, rows: &[&Row]) -> Result<Vec<f32>> {
        let input = self.input(rows);
        match self.current_model().forward(&input, &Dropout::off()) {
            Some(logits) => device::read(logits).await,
            None => Err(Error::no_head()),
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

    fn input(&self, rows: &[&Row]) -> Input {
        Input::new(
            &collate(rows.iter().copied(), self.tokenizer.pad_id()),
            &self.device.handle,
        )
    }
}

/// That a text by itself is of segments that the checkpoint has.
fn check_segments(tokenizer: &BertTokenizer, segments: usize) -> Result<()> {
    let row = tokenizer.encode("a")?;
    match row.token_type_ids.iter().max() {
        Some(&segment) if segment as usize >= segments => Err(Error::bad_tokenizer(format!(
            "the post_processor puts a text into segment {segment}; config.json's type_vocab_size is {segments}"
        ))),
        _ => Ok(()),
    }
}
