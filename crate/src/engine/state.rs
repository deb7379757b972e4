//! The engine: a loaded model with its tokenizer, labels, adapters and, during a run, its training session.

use std::collections::BTreeMap;

use burn::{module::Module, tensor::Tensor};

use super::{active_adapter::ActiveAdapter, info::Info};
use crate::{
    Error, Result,
    checkpoint::{self, Loaded},
    device::Device,
    kernels::Storage,
    model::{BertConfig, BertForSequenceClassification, Pooling, ProblemType, is_threshold, weight_bytes},
    peft::Adapter,
    text::Tokenizer,
    train::TrainingSession,
};

/// A model with its tokenizer, labels and, during a run, its training session.
pub struct Engine {
    pub(super) device: Device,
    pub(super) config: BertConfig,
    pub(super) tokenizer: Box<dyn Tokenizer>,
    /// None while `session` has it.
    pub(super) model: Option<BertForSequenceClassification>,
    pub(super) pooling: Pooling,
    pub(super) info: Info,
    pub(super) session: Option<TrainingSession>,
    /// All trained and added adapters, by name.
    pub(super) adapters: BTreeMap<String, Adapter>,
    /// The adapter that is on.
    pub(super) active: Option<ActiveAdapter>,
    /// Whether the masked-LM head is trained, by the checkpoint or by a run.
    pub(super) masked_lm_trained: bool,
    /// Weight and bias of the file's pooler, where the model's pooling does not use it: an adapter may.
    pub(super) spare_pooler: Option<(Tensor<2>, Tensor<1>)>,
}

/// What loading or creating a model decides, beside its files.
pub(super) struct Settings {
    /// Most tokens of a row.
    pub max_length: usize,
    pub pooling: Pooling,
    /// Whether the folder scales vectors to length 1.
    pub normalizes: bool,
    pub problem_type: ProblemType,
    /// Decision threshold; multi-label models only.
    pub threshold: Option<f64>,
    /// Whether the classification head is newly initialized.
    pub new_head: bool,
    /// Labels in the order of the logits.
    pub labels: Vec<String>,
    /// Whether the masked-LM head is trained.
    pub masked_lm_trained: bool,
    /// What matrices were asked to be kept as.
    pub dtype: Storage,
}

impl Engine {
    /// An engine of a loaded or newly initialized model.
    pub(super) fn new(
        device: Device,
        config: BertConfig,
        tokenizer: Box<dyn Tokenizer>,
        loaded: Loaded,
        settings: Settings,
    ) -> Self {
        let info = Info {
            architecture: config.architecture.clone(),
            layers: config.num_hidden_layers,
            hidden_size: config.hidden_size,
            heads: config.num_attention_heads,
            vocab_size: config.vocab_size,
            parameters: loaded.model.num_params(),
            weight_bytes: weight_bytes(&loaded.model),
            dtype: checkpoint::storage(&loaded.model, settings.dtype),
            max_length: settings.max_length,
            pooling: settings.pooling.name(),
            normalizes: settings.normalizes,
            problem_type: settings.problem_type.name(),
            threshold: settings.threshold,
            adapter_size: config.adapter_size,
            masked_lm: loaded.model.predictions.is_some(),
            new_head: settings.new_head,
            labels: settings.labels,
            new_tensors: (loaded.new_tensors.iter())
                .map(|name| config.encoder.own_name(name))
                .collect(),
            unused_tensors: loaded.unused_tensors,
        };
        Self {
            device,
            config,
            tokenizer,
            model: Some(loaded.model),
            pooling: settings.pooling,
            info,
            session: None,
            adapters: BTreeMap::new(),
            active: None,
            masked_lm_trained: settings.masked_lm_trained,
            spare_pooler: None,
        }
    }

    /// Puts a changed model in the place of the one before.
    pub(super) fn put_model(&mut self, model: BertForSequenceClassification) {
        self.info = self.info_of(&model);
        self.model = Some(model);
    }

    /// The info with a changed model's number format and size, which is the base model's: an adapter that is on does not count.
    pub(super) fn info_of(&self, model: &BertForSequenceClassification) -> Info {
        let mut info = self.info.clone();
        info.dtype = checkpoint::storage(model, info.dtype);
        if self.active.is_none() {
            (info.parameters, info.weight_bytes) = (model.num_params(), weight_bytes(model));
        }
        info
    }

    /// The loaded model's properties.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// The token that rows are padded with: the one that the model's positions are counted without, else the tokenizer's.
    pub fn pad_id(&self) -> u32 {
        self.config.padding_id().unwrap_or_else(|| self.tokenizer.pad_id())
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &dyn Tokenizer {
        self.tokenizer.as_ref()
    }

    /// The model with its current weights: during a run, those after its last step.
    pub fn current_model(&self) -> &BertForSequenceClassification {
        match (&self.session, &self.model) {
            (Some(session), _) => session.model(),
            (None, Some(model)) => model,
            (None, None) => unreachable!("the model is away only while a session has it"),
        }
    }

    /// One label a row, or several, with which goes a threshold: an adapter may be of another type than its base.
    pub(super) fn problem_type(&self) -> ProblemType {
        match self.info.threshold {
            None => ProblemType::SingleLabel,
            Some(_) => ProblemType::MultiLabel,
        }
    }

    /// Sets the decision threshold of the model, or of the adapter that is on.
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
        self.store_threshold();
        Ok(())
    }
}
