//! Adapters of the model: any number, of which at most one is on. All share the base model's weights.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{active_adapter::ActiveAdapter, load_options::check_labels, state::Engine};
use crate::{
    Error, Result, checkpoint,
    device::floats,
    metrics::THRESHOLD,
    model::{BertForSequenceClassification, Pooling},
    peft::{self, Adapter, AdapterConfig, AdapterKind},
    random::normal,
    train::{Method, TrainOptions},
};

impl Engine {
    /// Names of the adapters, and of the one that is on.
    pub fn adapters(&self) -> (Vec<String>, Option<String>) {
        let names = self.adapters.keys().cloned().collect();
        (names, self.active.as_ref().map(|active| active.name.clone()))
    }

    /// Reads a peft folder's two files as the adapter `name`, and replaces an adapter of that name. Gives its labels.
    /// The adapter is not switched on.
    ///
    /// # Errors
    /// The codes of [`peft::read`]; `bad-option` where the positions do not suffice; `bad-state` where the name is on,
    /// or during a run.
    pub fn add_adapter(&mut self, name: &str, config: &[u8], weights: &[u8]) -> Result<Vec<String>> {
        self.refuse_while_running()?;
        if self.active.as_ref().is_some_and(|active| active.name == name) {
            return Err(Error::bad_state(
                format!("addAdapter: the adapter {name:?} is on"),
                "switch it off first: useAdapter(null)",
            ));
        }
        let encoder = self.config.encoder;
        let (pooling, own_pooler) = (peft::pooling(weights, encoder), peft::brings_pooler(weights, encoder));
        let base = self.with_pooling_for(self.without_adapter(), pooling, own_pooler)?;
        let own = self.active.as_ref().map_or(&self.info.labels, |active| &active.labels);
        let adapter = peft::read(&base, own, config, weights)?;
        check_labels(adapter.labels.clone())?;
        self.check_virtual_tokens(&adapter.config)?;
        let labels = adapter.labels.clone();
        self.adapters.insert(name.to_owned(), adapter);
        Ok(labels)
    }

    /// Switches an adapter on; with none, switches all off.
    ///
    /// # Errors
    /// `bad-option` for a name that is not there; `bad-state` during a run.
    pub fn use_adapter(&mut self, name: Option<&str>) -> Result<()> {
        self.refuse_while_running()?;
        let (head, labels, threshold, new_head, pooling) = match &self.active {
            Some(active) => (
                active.head.clone(),
                active.labels.clone(),
                active.threshold,
                active.new_head,
                active.pooling,
            ),
            None => (
                self.current_model().head(),
                self.info.labels.clone(),
                self.info.threshold,
                self.info.new_head,
                self.pooling,
            ),
        };
        let base = self.without_adapter();
        let Some(name) = name else {
            self.model = Some(base);
            (self.info.labels, self.info.new_head) = (labels, new_head);
            self.set_problem(threshold);
            self.set_pooling(pooling);
            self.active = None;
            return Ok(());
        };
        let Some(adapter) = self.adapters.get(name) else {
            let known: Vec<&str> = self.adapters.keys().map(String::as_str).collect();
            let expected = match known.is_empty() {
                true => "null, since the model has no adapter".to_owned(),
                false => format!("one of [{}]", known.join(", ")),
            };
            return Err(Error::bad_option("useAdapter", expected, name));
        };
        // As the model was pooled that the adapter was trained on.
        let its_pooling = adapter.pooling.unwrap_or(pooling);
        let pooled = self.with_pooling_for(base.clone(), adapter.pooling, adapter.pooler.is_some())?;
        self.model = Some(peft::attach(&pooled, adapter));
        (self.info.labels, self.info.new_head) = (adapter.labels.clone(), false);
        let several = adapter.multi_label.unwrap_or(threshold.is_some());
        let its_threshold = several.then(|| adapter.threshold.unwrap_or(THRESHOLD));
        self.active = Some(ActiveAdapter {
            name: name.to_owned(),
            config: adapter.config.clone(),
            head,
            labels,
            threshold,
            new_head,
            pooling,
            pooler: adapter.pooler.as_ref().and_then(|_| pooled.pooler()),
        });
        self.set_problem(its_threshold);
        self.set_pooling(its_pooling);
        Ok(())
    }

    /// The model with the pooling that an adapter was trained with. A pooler that the model does not use comes from its file,
    /// unless the adapter brings its own.
    fn with_pooling_for(
        &self,
        model: BertForSequenceClassification,
        pooling: Option<Pooling>,
        own_pooler: bool,
    ) -> Result<BertForSequenceClassification> {
        let Some(pooling) = pooling else { return Ok(model) };
        let model = model.with_pooling(pooling);
        if pooling != Pooling::Pooler || model.has_pooler() {
            return Ok(model);
        }
        match self.spare_pooler.clone() {
            Some((weight, bias)) => Ok(model.with_pooler(weight, bias)),
            // A placeholder, which the adapter's own pooler replaces.
            None if own_pooler => {
                let (hidden, device) = (self.info.hidden_size, &self.device.handle);
                let weight = floats(vec![0.0; hidden * hidden], [hidden, hidden], device);
                Ok(model.with_pooler(weight, floats(vec![0.0; hidden], [hidden], device)))
            }
            None => Err(Error::bad_adapter_config(
                "the adapter was trained on a model with a pooler, and the loaded checkpoint has none",
            )),
        }
    }

    /// Sets the threshold, with which a row may have several labels.
    fn set_problem(&mut self, threshold: Option<f64>) {
        self.info.threshold = threshold;
        self.info.problem_type = self.problem_type().name();
    }

    fn set_pooling(&mut self, pooling: Pooling) {
        (self.pooling, self.info.pooling) = (pooling, pooling.name());
    }

    /// Merges the LoRA adapter that is on into the weights; its head becomes the model's own. The other adapters no
    /// longer fit the weights and are dropped.
    ///
    /// # Errors
    /// `bad-state` where none is on, or one of virtual tokens, which cannot be merged; during a run.
    pub fn merge_adapter(&mut self) -> Result<()> {
        self.refuse_while_running()?;
        let on = self.active.as_ref().map(|active| active.name.clone());
        let merged = peft::merge(self.current_model()).map(checkpoint::packed);
        match (on, merged) {
            (Some(_), Some(model)) => {
                self.active = None;
                self.adapters.clear();
                self.put_model(model);
                Ok(())
            }
            (Some(name), None) => Err(Error::bad_state(
                format!("mergeAdapter: the adapter {name:?} has virtual tokens, which cannot be merged into weights"),
                "merge a lora or adalora adapter",
            )),
            (None, _) => Err(Error::no_adapter("mergeAdapter")),
        }
    }

    /// The adapter that is on, with its current weights.
    pub(super) fn current_adapter(&mut self) -> Option<Adapter> {
        let active = self.active.as_ref()?;
        let (config, labels) = (active.config.clone(), self.info.labels.clone());
        let has_pooler = active.pooler.is_some();
        peft::extract(self.current_model(), config, labels, self.info.threshold, has_pooler)
    }

    /// Stores the threshold with the adapter that is on.
    pub(super) fn store_threshold(&mut self) {
        if let Some(active) = &self.active
            && let Some(adapter) = self.adapters.get_mut(&active.name)
        {
            adapter.threshold = self.info.threshold;
        }
    }

    /// Stores the weights that a run gave to the adapter that is on.
    pub(super) fn store_trained_adapter(&mut self, of_head_alone: bool) {
        self.adapters = self.trained_adapters(of_head_alone);
    }

    /// The adapters after a run, with the current weights of the one that is on. Without one the run changed the base
    /// model, so that its adapters no longer fit and are dropped; but for a head alone, since each has its own.
    pub(super) fn trained_adapters(&mut self, of_head_alone: bool) -> BTreeMap<String, Adapter> {
        let Some((adapter, active)) = self.current_adapter().zip(self.active.as_ref()) else {
            return match of_head_alone {
                true => self.adapters.clone(),
                false => BTreeMap::new(),
            };
        };
        let mut adapters = self.adapters.clone();
        adapters.insert(active.name.clone(), adapter);
        adapters
    }

    /// Replaces the head by an untrained one for other labels.
    ///
    /// # Errors
    /// `bad-option` for the labels; `bad-state` while an adapter is on, or during a run.
    pub fn set_labels(&mut self, labels: Vec<String>, seed: u64) -> Result<()> {
        self.refuse_while_running()?;
        self.refuse_with_adapter("setLabels")?;
        let labels = check_labels(labels)?;
        let (hidden, device) = (self.info.hidden_size, &self.device.handle);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let weight = normal(&mut random, self.config.initializer_range, hidden * labels.len());
        let weight = floats(weight, [hidden, labels.len()], device);
        let bias = floats(vec![0.0; labels.len()], [labels.len()], device);
        self.put_model(self.current_model().clone().with_head(weight, bias));
        (self.info.labels, self.info.new_head) = (labels, true);
        self.info.threshold = self.info.threshold.and(Some(THRESHOLD));
        Ok(())
    }

    /// Refuses a change of the base model's head while an adapter with its own is on.
    pub(super) fn refuse_with_adapter(&self, call: &str) -> Result<()> {
        match &self.active {
            None => Ok(()),
            Some(active) => Err(Error::bad_state(
                format!("{call}: the adapter {:?} is on", active.name),
                "switch it off first: useAdapter(null)",
            )),
        }
    }

    /// The model that a run of these options and so many steps starts from, and the adapter that it trains.
    pub(super) fn model_for_run(
        &self,
        options: &TrainOptions,
        name: &str,
        steps: usize,
    ) -> Result<(BertForSequenceClassification, Option<ActiveAdapter>)> {
        let kind = match options.method {
            Method::Lora => Some(AdapterKind::Lora(options.lora.clone())),
            Method::Adalora => Some(AdapterKind::Adalora(options.adalora.clone(), steps)),
            Method::Prompt => Some(AdapterKind::Prompt {
                tokens: options.virtual_tokens,
            }),
            Method::Prefix => Some(AdapterKind::Prefix {
                tokens: options.virtual_tokens,
            }),
            _ => None,
        };
        let model = self.current_model();
        let config = kind.map(|kind| AdapterConfig { kind }.for_encoder(model));
        match (&self.active, config) {
            // The run resumes the adapter.
            (Some(active), Some(config)) if active.config.can_resume_as(&config) && active.name == name => {
                let active = ActiveAdapter {
                    config,
                    ..active.clone()
                };
                Ok((model.clone(), Some(active)))
            }
            (Some(active), _) => Err(Error::bad_state(
                format!(
                    "the adapter {:?} is on; only a run of the same method, settings and adapterName can resume it",
                    active.name
                ),
                "useAdapter(null) or mergeAdapter() first",
            )),
            (None, None) => Ok((self.with_bottlenecks(model.clone(), options)?, None)),
            (None, Some(config)) => {
                self.check_virtual_tokens(&config)?;
                let labels = self.info.labels.clone();
                let threshold = self.info.threshold;
                let mut adapter = peft::init_adapter(model, config.clone(), labels.clone(), threshold, options.seed)?;
                // A pooler that was made here is in no checkpoint, so it goes with the adapter.
                let pooler = format!("{}.weight", self.config.encoder.own_name(peft::POOLER));
                if self.info.new_tensors.contains(&pooler) {
                    adapter.pooler = adapter.pooler.or_else(|| model.pooler());
                }
                let active = ActiveAdapter {
                    name: name.to_owned(),
                    config,
                    head: model.head(),
                    labels,
                    threshold,
                    new_head: self.info.new_head,
                    pooling: self.pooling,
                    pooler: adapter.pooler.clone(),
                };
                Ok((peft::attach(model, &adapter), Some(active)))
            }
        }
    }

    /// The base model with its own head.
    fn without_adapter(&self) -> BertForSequenceClassification {
        let model = self.current_model().clone();
        match &self.active {
            None => model,
            Some(active) => {
                let mut base = peft::detach(model).with_pooling(active.pooling);
                if let Some((weight, bias)) = active.pooler.clone() {
                    base = base.with_pooler(weight, bias);
                }
                let base = base.without_unused_pooler();
                match active.head.clone() {
                    Some((weight, bias)) => base.with_head(weight, bias),
                    None => base.without_head(),
                }
            }
        }
    }

    /// Checks that the encoder can have an adapter's virtual tokens, and has positions for them.
    fn check_virtual_tokens(&self, config: &AdapterConfig) -> Result<()> {
        let refused = |what: &str| {
            let class = self.config.encoder.class;
            Err(Error::bad_option("method", format!("one that {class} can have"), what))
        };
        match config.kind {
            AdapterKind::Prefix { .. } if !self.config.encoder.takes_prefix => {
                return refused("prefix tuning: transformers puts no keys and values before its own");
            }
            AdapterKind::Prompt { .. } if self.config.embedding_size.is_some() => {
                return refused("prompt tuning: its embeddings are narrower than its hidden states");
            }
            _ => {}
        }
        let (most, tokens) = (self.config.positions(), config.virtual_tokens());
        if tokens + self.info.max_length <= most {
            return Ok(());
        }
        let left = most.saturating_sub(self.info.max_length);
        let expected = format!(
            "at most {left}: the checkpoint has {most} positions, of which texts may take {}",
            self.info.max_length
        );
        Err(Error::bad_option("virtualTokens", expected, tokens))
    }

    pub(super) fn refuse_while_running(&self) -> Result<()> {
        match &self.session {
            None => Ok(()),
            Some(_) => Err(Error::bad_state("a run is under way", "end the run first")),
        }
    }
}
