//! adapter_config.json: what peft says of an adapter.

use serde_json::{Map, Value, json};

use super::{
    options::{AdaloraOptions, LoraOptions},
    targets::{Targets, ends_with},
};
use crate::{
    Error, Result,
    model::{BertConfig, BertForSequenceClassification},
};

/// What bertlet uses of `adapter_config.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterConfig {
    /// The method, with its settings.
    pub kind: AdapterKind,
}

/// A method of peft.
#[derive(Debug, Clone, PartialEq)]
pub enum AdapterKind {
    /// `LORA`
    Lora(LoraOptions),
    /// `ADALORA`, with the number of steps of its run.
    Adalora(AdaloraOptions, usize),
    /// `PROMPT_TUNING`
    Prompt {
        /// Virtual tokens.
        tokens: usize,
    },
    /// `PREFIX_TUNING` without projection.
    Prefix {
        /// Virtual tokens.
        tokens: usize,
    },
}

/// Largest rank and largest number of virtual tokens that are read from a file.
const LARGEST: u64 = 1024;

impl AdapterConfig {
    /// Factor of the low-rank product: alpha / rank. peft's AdaLoRA adds 1e-5 to the rank.
    pub fn scale(&self) -> f64 {
        match &self.kind {
            AdapterKind::Lora(options) => options.alpha / options.rank as f64,
            AdapterKind::Adalora(options, _) => options.alpha / (options.initial_rank as f64 + 1e-5),
            AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => 1.0,
        }
    }

    /// Whether the dense layer of this name gets a low-rank pair. As in peft, the end of the name decides.
    pub fn targets(&self, name: &str) -> bool {
        let modules = match &self.kind {
            AdapterKind::Lora(options) => &options.target_modules,
            AdapterKind::Adalora(options, _) => &options.target_modules,
            AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => return false,
        };
        modules.iter().any(|module| ends_with(name, module))
    }

    /// The same with the modules by the names of a model's encoder. A run may name them as BERT does: `query`.
    pub fn for_encoder(mut self, model: &BertForSequenceClassification) -> Self {
        let modules = match &mut self.kind {
            AdapterKind::Lora(options) => &mut options.target_modules,
            AdapterKind::Adalora(options, _) => &mut options.target_modules,
            AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => return self,
        };
        let layers: Vec<String> = model.dense_layers().into_iter().map(|(name, _)| name).collect();
        let architecture = model.architecture();
        let mut own: Vec<String> = Vec::new();
        for module in modules.drain(..) {
            let by_name = |name: &&String| ends_with(name, &module);
            let by_bert = |name: &&String| ends_with(&architecture.canonical_name(name), &module);
            let others = layers.iter().filter(|name| by_bert(name) && !by_name(name));
            // As short as peft writes it, where that names no other layer.
            let short = |name: &String| -> String {
                let last = name.rsplit('.').next().unwrap_or(name);
                let is_clear = (layers.iter().filter(|other| ends_with(other, last))).all(|other| by_bert(&other));
                let whole = || within_layer(name).unwrap_or_else(|| name.clone());
                if is_clear { last.to_owned() } else { whole() }
            };
            let others: Vec<String> = others.map(short).collect();
            let is_own = others.is_empty() || layers.iter().any(|name| by_name(&name));
            for name in others.into_iter().chain(is_own.then_some(module)) {
                if !own.contains(&name) {
                    own.push(name);
                }
            }
        }
        *modules = own;
        self
    }

    /// Whether a run with the settings `other` may resume the adapter: its weights keep their shapes and meaning.
    pub fn can_resume_as(&self, other: &Self) -> bool {
        let sorted = |modules: &[String]| -> Vec<String> {
            let mut modules = modules.to_vec();
            modules.sort();
            modules
        };
        match (&self.kind, &other.kind) {
            (AdapterKind::Lora(own), AdapterKind::Lora(other)) => {
                (own.rank, own.alpha) == (other.rank, other.alpha)
                    && sorted(&own.target_modules) == sorted(&other.target_modules)
            }
            (AdapterKind::Adalora(own, _), AdapterKind::Adalora(other, _)) => {
                (own.initial_rank, own.alpha) == (other.initial_rank, other.alpha)
                    && sorted(&own.target_modules) == sorted(&other.target_modules)
            }
            (own, other) => own == other,
        }
    }

    /// Number of virtual tokens in front of a text.
    pub fn virtual_tokens(&self) -> usize {
        match self.kind {
            AdapterKind::Prompt { tokens } | AdapterKind::Prefix { tokens } => tokens,
            AdapterKind::Lora(_) | AdapterKind::Adalora(..) => 0,
        }
    }

    /// Whether `adapter_config.json` names a task.
    pub(super) fn names_task(bytes: &[u8]) -> bool {
        serde_json::from_slice::<Value>(bytes).is_ok_and(|raw| raw["task_type"].is_string())
    }

    /// Parses and checks `adapter_config.json`.
    ///
    /// # Errors
    /// `bad-config` for other methods, and for settings that this crate does not compute.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| Error::bad_adapter_config(format!("expected JSON, found something else: {error}")))?;
        let Value::Object(raw) = value else {
            return Err(Error::bad_adapter_config("expected a JSON object"));
        };
        if let Some(task) = raw.get("task_type").and_then(Value::as_str)
            && task != "SEQ_CLS"
        {
            return Err(Error::bad_adapter_config(format!(
                "task_type: expected SEQ_CLS, found {task}"
            )));
        }
        let kind = match raw.get("peft_type").and_then(Value::as_str) {
            Some("LORA") => {
                refuse(&raw, &PLAIN)?;
                refuse_inits(&raw)?;
                AdapterKind::Lora(LoraOptions {
                    rank: count(&raw, "r")?,
                    alpha: number(&raw, "lora_alpha")?,
                    dropout: raw.get("lora_dropout").and_then(Value::as_f64).unwrap_or(0.0),
                    target_modules: modules(&raw),
                })
            }
            Some("ADALORA") => {
                refuse(&raw, &PLAIN)?;
                let steps = raw.get("total_step").and_then(Value::as_u64).unwrap_or(0) as usize;
                let share = |name: &str| match steps {
                    0 => 0.0,
                    _ => raw.get(name).and_then(Value::as_f64).unwrap_or(0.0) / steps as f64,
                };
                let plain = AdaloraOptions::default();
                let float = |name: &str, default: f64| raw.get(name).and_then(Value::as_f64).unwrap_or(default);
                AdapterKind::Adalora(
                    AdaloraOptions {
                        target_rank: count(&raw, "target_r")?,
                        initial_rank: count(&raw, "init_r")?,
                        alpha: number(&raw, "lora_alpha")?,
                        dropout: float("lora_dropout", 0.0),
                        target_modules: modules(&raw),
                        warmup_ratio: share("tinit"),
                        final_ratio: share("tfinal"),
                        interval: raw.get("deltaT").and_then(Value::as_u64).unwrap_or(1).max(1) as usize,
                        beta1: float("beta1", plain.beta1),
                        beta2: float("beta2", plain.beta2),
                        orthogonality: float("orth_reg_weight", plain.orthogonality),
                    },
                    steps,
                )
            }
            Some("PROMPT_TUNING") => AdapterKind::Prompt {
                tokens: count(&raw, "num_virtual_tokens")?,
            },
            Some("PREFIX_TUNING") => {
                refuse(&raw, &[("prefix_projection", "false")])?;
                AdapterKind::Prefix {
                    tokens: count(&raw, "num_virtual_tokens")?,
                }
            }
            found => {
                return Err(Error::bad_adapter_config(format!(
                    "peft_type: expected LORA, ADALORA, PROMPT_TUNING or PREFIX_TUNING, found {}",
                    found.unwrap_or("none")
                )));
            }
        };
        Ok(Self { kind })
    }

    /// The layers of a low-rank adapter; none of virtual tokens. Takes what [`AdapterConfig::parse`] took.
    ///
    /// # Errors
    /// `bad-config`.
    pub fn targets_of(&self, bytes: &[u8]) -> Result<Option<Targets>> {
        let mut raw: Map<String, Value> = serde_json::from_slice(bytes).unwrap_or_default();
        match &self.kind {
            AdapterKind::Lora(options) => Targets::parse(&raw, options.rank, options.alpha).map(Some),
            AdapterKind::Adalora(options, _) => {
                // There it says which singular values stayed, as the tensors do.
                raw.remove("rank_pattern");
                Targets::parse(&raw, options.initial_rank, options.alpha).map(Some)
            }
            AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => Ok(None),
        }
    }

    /// The same of just these modules, by their whole names.
    pub fn with_modules(mut self, names: Vec<String>) -> Self {
        match &mut self.kind {
            AdapterKind::Lora(options) => options.target_modules = names,
            AdapterKind::Adalora(options, _) => options.target_modules = names,
            AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => {}
        }
        self
    }

    /// `adapter_config.json` of an adapter. `config` is the base model's; `kept` says for each of AdaLoRA's layers which
    /// singular values stayed, `ranks` the rank of each layer, `pooler` the module of the adapter's own pooler, if it has one.
    pub fn write(
        &self,
        config: &BertConfig,
        base: &str,
        kept: &[(String, Vec<bool>)],
        ranks: &[(String, usize)],
        pooler: Option<&str>,
    ) -> String {
        // A module of the classifier is saved with it.
        let pooler = pooler.filter(|pooler| *pooler != "classifier");
        let modules_to_save: Vec<&str> = std::iter::once("classifier").chain(pooler).collect();
        let mut saved = Map::new();
        let mut put = |name: &str, value: Value| {
            saved.insert(name.to_owned(), value);
        };
        put("base_model_name_or_path", json!(base));
        put("task_type", json!("SEQ_CLS"));
        put("inference_mode", json!(true));
        let mut low_rank = |alpha: f64, dropout: f64, modules: &[String]| {
            put("lora_alpha", json!(alpha));
            put("lora_dropout", json!(dropout));
            put("target_modules", json!(modules));
            put("bias", json!("none"));
            put("fan_in_fan_out", json!(false));
            put("init_lora_weights", json!(true));
        };
        match &self.kind {
            AdapterKind::Lora(options) => {
                low_rank(options.alpha, options.dropout, &options.target_modules);
                put("peft_type", json!("LORA"));
                put("r", json!(options.rank));
                put("modules_to_save", json!(&modules_to_save));
                // A layer of another rank keeps the factor of all.
                let others = || ranks.iter().filter(|(_, rank)| *rank != options.rank);
                if others().next().is_some() {
                    let alpha = |rank: usize| json!(options.alpha * rank as f64 / options.rank as f64);
                    let ranks = others().map(|(name, rank)| (name.clone(), json!(rank)));
                    put("rank_pattern", Value::Object(ranks.collect()));
                    let alphas = others().map(|(name, rank)| (name.clone(), alpha(*rank)));
                    put("alpha_pattern", Value::Object(alphas.collect()));
                }
            }
            AdapterKind::Adalora(options, steps) => {
                low_rank(options.alpha, options.dropout, &options.target_modules);
                let share = |ratio: f64| json!((ratio * *steps as f64).round() as usize);
                put("peft_type", json!("ADALORA"));
                put("init_r", json!(options.initial_rank));
                put("target_r", json!(options.target_rank));
                put("tinit", share(options.warmup_ratio));
                put("tfinal", share(options.final_ratio));
                put("deltaT", json!(options.interval));
                put("beta1", json!(options.beta1));
                put("beta2", json!(options.beta2));
                put("orth_reg_weight", json!(options.orthogonality));
                put("total_step", json!(steps));
                put("modules_to_save", json!(&modules_to_save));
                // A mask of peft's is over the ranks at the start, some of which are gone where the adapter was read.
                let ranks = kept.iter().map(|(name, kept)| {
                    let mut kept = kept.clone();
                    kept.resize(options.initial_rank, false);
                    (format!("{name}.lora_E"), json!(kept))
                });
                put("rank_pattern", Value::Object(ranks.collect()));
            }
            AdapterKind::Prompt { tokens } => {
                put("peft_type", json!("PROMPT_TUNING"));
                put("num_virtual_tokens", json!(tokens));
                put("prompt_tuning_init", json!("RANDOM"));
            }
            AdapterKind::Prefix { tokens } => {
                put("peft_type", json!("PREFIX_TUNING"));
                put("num_virtual_tokens", json!(tokens));
                put("prefix_projection", json!(false));
                put("encoder_hidden_size", json!(config.hidden_size));
            }
        }
        if self.virtual_tokens() > 0 {
            put("token_dim", json!(config.hidden_size));
            put("num_layers", json!(config.num_hidden_layers));
            put("num_attention_heads", json!(config.num_attention_heads));
            put("num_transformer_submodules", json!(1));
        }
        let mut text = format!("{:#}", Value::Object(saved));
        text.push('\n');
        text
    }
}

/// What follows the layer's number in a module's name.
fn within_layer(name: &str) -> Option<String> {
    let (_, rest) = name.split_once(".layer.")?;
    rest.split_once('.').map(|(_, rest)| rest.to_owned())
}

fn count(raw: &Map<String, Value>, name: &str) -> Result<usize> {
    match raw.get(name).and_then(Value::as_u64) {
        Some(number) if (1..=LARGEST).contains(&number) => Ok(number as usize),
        _ => Err(Error::bad_adapter_config(format!(
            "{name}: expected a whole number from 1 to {LARGEST}, found {}",
            raw.get(name).unwrap_or(&Value::Null)
        ))),
    }
}

fn number(raw: &Map<String, Value>, name: &str) -> Result<f64> {
    match raw.get(name).and_then(Value::as_f64) {
        Some(number) if number > 0.0 && number <= 1e6 => Ok(number),
        _ => Err(Error::bad_adapter_config(format!(
            "{name}: expected a number above 0, found {}",
            raw.get(name).unwrap_or(&Value::Null)
        ))),
    }
}

/// The list of names, where it is one: `targets.rs` reads all forms.
fn modules(raw: &Map<String, Value>) -> Vec<String> {
    let list = raw.get("target_modules").and_then(Value::as_array);
    let names = list.iter().flat_map(|list| list.iter());
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Settings of a low-rank adapter that this crate does not compute, and their plain values.
const PLAIN: [(&str, &str); 9] = [
    ("bias", "none"),
    ("use_dora", "false"),
    ("lora_bias", "false"),
    ("use_qalora", "false"),
    ("use_bdlora", "false"),
    ("target_parameters", "[]"),
    ("trainable_token_indices", "[]"),
    ("layer_replication", "[]"),
    ("alora_invocation_tokens", "[]"),
];

/// Refuses first factors that peft takes out of the base model's weights when it loads the folder: read otherwise, every
/// answer would be wrong.
fn refuse_inits(raw: &Map<String, Value>) -> Result<()> {
    match raw.get("init_lora_weights") {
        None | Some(Value::Null | Value::Bool(_)) => Ok(()),
        Some(Value::String(name)) if ["gaussian", "orthogonal", "eva"].contains(&name.as_str()) => Ok(()),
        Some(found) => Err(Error::bad_adapter_config(format!(
            "init_lora_weights: expected true, false, gaussian, orthogonal or eva, found {found}, which changes the base \
             model's weights; convert it in Python by save_pretrained with path_initial_model_for_weight_conversion"
        ))),
    }
}

/// Refuses settings that this crate does not compute: each must be the plain value.
fn refuse(raw: &Map<String, Value>, plain: &[(&str, &str)]) -> Result<()> {
    for (name, expected) in plain {
        let found = match raw.get(*name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if found != *expected {
            return Err(Error::bad_adapter_config(format!(
                "{name}: expected {expected}, found {found}"
            )));
        }
    }
    Ok(())
}
