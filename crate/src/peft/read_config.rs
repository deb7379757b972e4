//! Reads adapter_config.json, and refuses what this crate does not compute.

use serde_json::{Map, Value};

use super::{
    config::{AdapterConfig, AdapterKind},
    options::{AdaloraOptions, LoraOptions},
    targets::Targets,
};
use crate::{Error, Result};

/// Largest rank and largest number of virtual tokens that are read from a file.
const LARGEST: u64 = 1024;

impl AdapterConfig {
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
            Some("LORA") => lora(&raw)?,
            Some("ADALORA") => adalora(&raw)?,
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
        let Some((rank, alpha)) = self.kind.rank_and_alpha() else {
            return Ok(None);
        };
        let mut raw: Map<String, Value> = serde_json::from_slice(bytes).unwrap_or_default();
        if matches!(self.kind, AdapterKind::Adalora(..)) {
            // There it says which singular values stayed, as the tensors do.
            raw.remove("rank_pattern");
        }
        Targets::parse(&raw, rank, alpha).map(Some)
    }

    /// Whether `adapter_config.json` names a task.
    pub(super) fn names_task(bytes: &[u8]) -> bool {
        serde_json::from_slice::<Value>(bytes).is_ok_and(|raw| raw["task_type"].is_string())
    }
}

fn lora(raw: &Map<String, Value>) -> Result<AdapterKind> {
    refuse(raw, &PLAIN)?;
    refuse_inits(raw)?;
    Ok(AdapterKind::Lora(LoraOptions {
        rank: count(raw, "r")?,
        alpha: number(raw, "lora_alpha")?,
        dropout: raw.get("lora_dropout").and_then(Value::as_f64).unwrap_or(0.0),
        target_modules: modules(raw),
    }))
}

fn adalora(raw: &Map<String, Value>) -> Result<AdapterKind> {
    refuse(raw, &PLAIN)?;
    let steps = raw.get("total_step").and_then(Value::as_u64).unwrap_or(0) as usize;
    let share = |name: &str| match steps {
        0 => 0.0,
        _ => raw.get(name).and_then(Value::as_f64).unwrap_or(0.0) / steps as f64,
    };
    let plain = AdaloraOptions::default();
    let float = |name: &str, default: f64| raw.get(name).and_then(Value::as_f64).unwrap_or(default);
    let options = AdaloraOptions {
        target_rank: count(raw, "target_r")?,
        initial_rank: count(raw, "init_r")?,
        alpha: number(raw, "lora_alpha")?,
        dropout: float("lora_dropout", 0.0),
        target_modules: modules(raw),
        warmup_ratio: share("tinit"),
        final_ratio: share("tfinal"),
        interval: raw.get("deltaT").and_then(Value::as_u64).unwrap_or(1).max(1) as usize,
        beta1: float("beta1", plain.beta1),
        beta2: float("beta2", plain.beta2),
        orthogonality: float("orth_reg_weight", plain.orthogonality),
    };
    Ok(AdapterKind::Adalora(options, steps))
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
