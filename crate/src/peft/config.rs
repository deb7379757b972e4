//! adapter_config.json: what peft says of an adapter.

use serde_json::{Map, Value, json};

use super::options::{AdaloraOptions, LoraOptions};
use crate::{Error, Result, model::BertConfig};

/// What bertlet uses of `adapter_config.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterConfig {
    /// The method with its numbers.
    pub kind: AdapterKind,
}

/// A method whose adapters peft knows.
#[derive(Debug, Clone, PartialEq)]
pub enum AdapterKind {
    /// `LORA`
    Lora(LoraOptions),
    /// `ADALORA`, with the steps of its run.
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

/// Most columns of a low-rank pair and most virtual tokens that are read from a file.
const MOST: u64 = 1024;

impl AdapterConfig {
    /// What the low-rank product is multiplied with: alpha / rank; peft's AdaLoRA adds a little to the rank.
    pub fn scale(&self) -> f64 {
        match &self.kind {
            AdapterKind::Lora(options) => options.alpha / options.rank as f64,
            AdapterKind::Adalora(options, _) => options.alpha / (options.initial_rank as f64 + 1e-5),
            AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => 1.0,
        }
    }

    /// Whether a dense layer, by its name, gets a low-rank pair: as peft, by the end of the name.
    pub fn targets(&self, name: &str) -> bool {
        let modules = match &self.kind {
            AdapterKind::Lora(options) => &options.target_modules,
            AdapterKind::Adalora(options, _) => &options.target_modules,
            AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => return false,
        };
        modules.iter().any(|module| {
            name.strip_suffix(module.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    /// Whether a run with other settings may go on with the adapter: its numbers have the same shapes and meaning.
    pub fn goes_on_as(&self, other: &Self) -> bool {
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

    /// Virtual tokens in front of a text.
    pub fn virtual_tokens(&self) -> usize {
        match self.kind {
            AdapterKind::Prompt { tokens } | AdapterKind::Prefix { tokens } => tokens,
            AdapterKind::Lora(_) | AdapterKind::Adalora(..) => 0,
        }
    }

    /// Parses and checks `adapter_config.json`.
    ///
    /// # Errors
    /// `bad-config` for what is no adapter of these kinds, and for settings whose adapters would compute otherwise.
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
                refuse(
                    &raw,
                    &[
                        ("bias", "none"),
                        ("use_dora", "false"),
                        ("use_rslora", "false"),
                        ("fan_in_fan_out", "false"),
                    ],
                )?;
                refuse_patterns(&raw, &["rank_pattern", "alpha_pattern"])?;
                AdapterKind::Lora(LoraOptions {
                    rank: count(&raw, "r")?,
                    alpha: number(&raw, "lora_alpha")?,
                    dropout: raw.get("lora_dropout").and_then(Value::as_f64).unwrap_or(0.0),
                    target_modules: modules(&raw)?,
                })
            }
            Some("ADALORA") => {
                refuse(&raw, &[("bias", "none"), ("fan_in_fan_out", "false")])?;
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
                        target_modules: modules(&raw)?,
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

    /// `adapter_config.json` of an adapter on a model of `config`. `ranks` are AdaLoRA's singular values that stayed, by
    /// layer.
    pub fn write(&self, config: &BertConfig, base: &str, ranks: &[(String, Vec<bool>)]) -> String {
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
                put("modules_to_save", json!(["classifier"]));
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
                put("modules_to_save", json!(["classifier"]));
                let ranks = ranks.iter().map(|(name, kept)| (format!("{name}.lora_E"), json!(kept)));
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

fn count(raw: &Map<String, Value>, name: &str) -> Result<usize> {
    match raw.get(name).and_then(Value::as_u64) {
        Some(number) if (1..=MOST).contains(&number) => Ok(number as usize),
        _ => Err(Error::bad_adapter_config(format!(
            "{name}: expected a whole number from 1 to {MOST}, found {}",
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

fn modules(raw: &Map<String, Value>) -> Result<Vec<String>> {
    let list = raw.get("target_modules").and_then(Value::as_array);
    let names = list.map(|list| list.iter().map(|name| name.as_str().map(str::to_owned)).collect());
    match names {
        Some(Some(names)) => Ok(names),
        _ => Err(Error::bad_adapter_config("target_modules: expected a list of names")),
    }
}

/// Settings under which an adapter computes otherwise than bertlet would.
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

fn refuse_patterns(raw: &Map<String, Value>, names: &[&str]) -> Result<()> {
    for name in names {
        if raw
            .get(*name)
            .and_then(Value::as_object)
            .is_some_and(|map| !map.is_empty())
        {
            return Err(Error::bad_adapter_config(format!("{name}: expected none, found some")));
        }
    }
    Ok(())
}
