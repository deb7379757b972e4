//! What a folder of sentence-transformers says of itself: how texts are pooled, how long they may be, and whether vectors
//! are scaled to length 1. What it asks for and we lack is refused by name, since the answers would be silently wrong.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Error, Result, model::Pooling};

/// The list of the folder's modules, which makes it one of sentence-transformers.
pub const MODULES: &str = "modules.json";
/// The length of its texts, in older folders, under the names that sentence-transformers looks for, in its order.
const SETTINGS: [&str; 7] = [
    "sentence_bert_config.json",
    "sentence_roberta_config.json",
    "sentence_distilbert_config.json",
    "sentence_camembert_config.json",
    "sentence_albert_config.json",
    "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
];
/// Arguments of its `Transformer` that change no answer.
const HARMLESS: [&str; 8] = [
    "add_pooling_layer",
    "output_hidden_states",
    "use_fast",
    "trust_remote_code",
    "torch_dtype",
    "dtype",
    "attn_implementation",
    "use_safetensors",
];
/// Its prompts, and the width of its vectors.
const OWN_CONFIG: &str = "config_sentence_transformers.json";

/// How a folder embeds a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentenceTransformer {
    /// From hidden states to one vector; none of a CrossEncoder, transformers' own class with its head.
    pub pooling: Option<Pooling>,
    /// Most tokens of a text, where the folder says.
    pub max_length: Option<usize>,
    /// Whether a vector is scaled to length 1.
    pub normalizes: bool,
}

impl SentenceTransformer {
    /// Reads the folder's JSON files, by their paths in it; none where there is no `modules.json`.
    ///
    /// # Errors
    /// `bad-config` for a file that is missing or says nothing sound; `unsupported-architecture` for a module, a pooling,
    /// a prompt or a cut of the vectors that we lack.
    pub fn read(files: &BTreeMap<String, String>, hidden_size: usize) -> Result<Option<Self>> {
        if !files.contains_key(MODULES) {
            return Ok(None);
        }
        let modules = json(files, MODULES)?;
        let modules = modules
            .as_array()
            .ok_or_else(|| bad(MODULES, "expected a list of modules"))?;
        let (mut pooling, mut normalizes, mut place) = (None, false, "");
        for module in modules {
            let path = module["path"].as_str().unwrap_or("").trim_end_matches('/');
            let kind = module["type"].as_str().unwrap_or("");
            // The class's name: its package differs from version to version.
            match (kind.rsplit('.').next().unwrap_or(""), pooling) {
                ("Transformer", None) => place = path,
                ("Pooling", None) => {
                    let name = within(path, "config.json");
                    pooling = Some(pooling_of(&name, &json(files, &name)?)?);
                }
                ("Normalize", Some(_)) => normalizes = true,
                // Only training drops numbers.
                ("Dropout", Some(_)) => {}
                (class, _) => return Err(unsupported(&format!("the module {class} ({path}) at that place"))),
            }
        }
        let mut names = SETTINGS.iter().map(|name| within(place, name));
        let settings = match names.find(|name| files.contains_key(name)) {
            Some(name) => Some((json(files, &name)?, name)),
            None => None,
        };
        let task = settings
            .as_ref()
            .and_then(|(settings, _)| settings["transformer_task"].as_str());
        let output = match (pooling, task) {
            (None, Some("sequence-classification")) => "logits",
            (None, _) => return Err(bad(MODULES, "expected a module Pooling, found none")),
            (_, None | Some("feature-extraction")) => "last_hidden_state",
            (_, Some(task)) => return Err(unsupported(&format!("transformer_task {task}"))),
        };
        refuse_settings(files, hidden_size)?;
        let max_length = match &settings {
            Some((settings, name)) => max_length(name, settings, output)?,
            None => None,
        };
        Ok(Some(Self {
            pooling,
            max_length,
            // Of a CrossEncoder as of any model without such modules.
            normalizes: normalizes || pooling.is_none(),
        }))
    }
}

fn within(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}/{name}"),
    }
}

fn json(files: &BTreeMap<String, String>, name: &str) -> Result<Value> {
    let text = files
        .get(name)
        .ok_or_else(|| bad(name, "expected, since modules.json names it, and not found"))?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| bad(name, &format!("not JSON: {error}")))
}

fn bad(file: &str, found: &str) -> Error {
    Error::bad_config(format!("{file}: {found}"))
}

fn unsupported(what: &str) -> Error {
    Error::unsupported_part(format!("sentence-transformers with {what}"))
}

/// The pooling, in the spelling of either version: `pooling_mode: "mean"`, or `pooling_mode_mean_tokens: true`.
fn pooling_of(file: &str, config: &Value) -> Result<Pooling> {
    const OLD: [(&str, &str); 6] = [
        ("pooling_mode_cls_token", "cls"),
        ("pooling_mode_mean_tokens", "mean"),
        ("pooling_mode_max_tokens", "max"),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"),
        ("pooling_mode_weightedmean_tokens", "weightedmean"),
        ("pooling_mode_lasttoken", "lasttoken"),
    ];
    let chosen: Vec<&str> = match &config["pooling_mode"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::Null => OLD
            .iter()
            // The mean is taken unless the file says otherwise, also beside another.
            .filter(|(key, name)| config[key] == true || *name == "mean" && config[key].is_null())
            .map(|(_, name)| *name)
            .collect(),
        _ => Vec::new(),
    };
    match chosen.as_slice() {
        ["cls"] => Ok(Pooling::Cls),
        ["mean"] => Ok(Pooling::Mean),
        ["max"] => Ok(Pooling::Max),
        [] => Err(bad(file, "expected a pooling_mode, found none")),
        names => Err(unsupported(&format!("the pooling {} ({file})", names.join(" and ")))),
    }
}

/// Most tokens of a text. `expected` is the output of the model that is used.
fn max_length(file: &str, settings: &Value, expected: &str) -> Result<Option<usize>> {
    if settings["do_lower_case"] == true {
        return Err(unsupported(&format!("do_lower_case ({file})")));
    }
    let output = &settings["modality_config"]["text"]["method_output_name"];
    if !(output.is_null() || output == expected) {
        return Err(unsupported(&format!("the output {output} ({file})")));
    }
    // Each under its name before and since version 5.4.
    let parts =
        ["model", "tokenizer", "config", "processor"].map(|part| [format!("{part}_args"), format!("{part}_kwargs")]);
    let mut found = ("max_seq_length", &settings["max_seq_length"]);
    for part in parts
        .as_flattened()
        .iter()
        .map(String::as_str)
        .chain(["processing_kwargs"])
    {
        for (name, value) in settings[part].as_object().into_iter().flatten() {
            match name.as_str() {
                "model_max_length" if found.1.is_null() => found = ("model_max_length", value),
                // The other length goes before it.
                "model_max_length" => {}
                name if HARMLESS.contains(&name) => {}
                name => return Err(unsupported(&format!("{part}.{name} ({file})"))),
            }
        }
    }
    match found {
        (_, Value::Null) => Ok(None),
        (name, length) => match length.as_u64() {
            Some(length) if length >= 3 => Ok(Some(length as usize)),
            _ => Err(bad(
                file,
                &format!("{name}: expected a whole number from 3, found {length}"),
            )),
        },
    }
}

/// A prompt that goes in front of every text would change every vector, and a cut its width.
fn refuse_settings(files: &BTreeMap<String, String>, hidden_size: usize) -> Result<()> {
    if !files.contains_key(OWN_CONFIG) {
        return Ok(());
    }
    let config = json(files, OWN_CONFIG)?;
    let prompt = config["default_prompt_name"]
        .as_str()
        .and_then(|name| config["prompts"][name].as_str());
    let width = config["truncate_dim"]
        .as_u64()
        .filter(|&width| width < hidden_size as u64);
    match (prompt, width) {
        (None | Some(""), None) => Ok(()),
        (None | Some(""), Some(width)) => Err(unsupported(&format!(
            "vectors cut to {width} numbers (truncate_dim in {OWN_CONFIG})"
        ))),
        (Some(prompt), _) => Err(unsupported(&format!(
            "the prompt {prompt:?} before every text ({OWN_CONFIG})"
        ))),
    }
}
