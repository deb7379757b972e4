//! `config.json`: the sizes and settings of a BERT, checked before anything is allocated.

use serde_json::{Map, Value};

use super::{
    architecture::{Architecture, FirstPosition},
    config_entries::{Entries, id2label, positive},
    distances::BUCKETS,
};
use crate::{Error, Result};

/// The element-wise function of the feed-forward block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// GELU with the exact error function.
    Gelu,
    /// GELU by tanh, as the original BERT code had it.
    GeluNew,
    /// max(x, 0).
    Relu,
    /// x σ(x), also called swish.
    Silu,
    /// tanh x.
    Tanh,
}

/// The pooling: from hidden states to one vector a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// BERT's pooler: tanh of a dense layer on the first token, `[CLS]`.
    Pooler,
    /// The first token's state itself, as sentence-transformers has it.
    Cls,
    /// Mean over the real tokens.
    Mean,
    /// Largest value over the real tokens.
    Max,
}

impl Pooling {
    /// The name in options and in `config.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pooler => "pooler",
            Self::Cls => "cls",
            Self::Mean => "mean",
            Self::Max => "max",
        }
    }

    /// Reads [`Pooling::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pooler, Self::Cls, Self::Mean, Self::Max]
            .into_iter()
            .find(|pooling| pooling.name() == name)
    }
}

/// The problem type, by transformers' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemType {
    /// One label a row.
    SingleLabel,
    /// Any number of labels a row.
    MultiLabel,
}

impl ProblemType {
    /// The name in options and in `config.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleLabel => "single_label_classification",
            Self::MultiLabel => "multi_label_classification",
        }
    }

    /// Reads [`ProblemType::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::SingleLabel, Self::MultiLabel]
            .into_iter()
            .find(|problem| problem.name() == name)
    }
}

/// The entries of `config.json` that this crate uses.
#[derive(Debug, Clone)]
pub struct BertConfig {
    /// All entries, so that saving keeps those that this crate does not use.
    pub raw: Map<String, Value>,
    /// The encoder.
    pub encoder: &'static Architecture,
    /// First of `architectures`, else the encoder's model class, such as `BertModel`.
    pub architecture: String,
    /// Rows of the word embedding.
    pub vocab_size: usize,
    /// Width of a hidden state.
    pub hidden_size: usize,
    /// Width of the word embeddings, where it is another than `hidden_size`.
    pub embedding_size: Option<usize>,
    /// Encoder layers.
    pub num_hidden_layers: usize,
    /// Attention heads; divides `hidden_size`.
    pub num_attention_heads: usize,
    /// Width of the feed-forward block.
    pub intermediate_size: usize,
    /// Rows of the position embedding.
    pub max_position_embeddings: usize,
    /// Row of the position embedding that a text's first token has.
    pub first_position: usize,
    /// Rows of the segment embedding; 0 where the encoder has none.
    pub type_vocab_size: usize,
    /// Buckets of distances between tokens, where scores have a bias by distance.
    pub relative_buckets: Option<usize>,
    /// Epsilon of every LayerNorm.
    pub layer_norm_eps: f64,
    /// Activation of the feed-forward block.
    pub hidden_act: Activation,
    /// Dropout after the embeddings and each block, in [0, 1).
    pub hidden_dropout_prob: f64,
    /// Dropout of attention weights, in [0, 1).
    pub attention_probs_dropout_prob: f64,
    /// Dropout before the head; `hidden_dropout_prob` where the file has none.
    pub classifier_dropout: f64,
    /// Standard deviation of newly initialized weights.
    pub initializer_range: f64,
    /// The pooling, if bertlet wrote the file.
    pub pooling: Option<Pooling>,
    /// Whether `embed` scales to length 1, if bertlet wrote the file.
    pub normalizes: Option<bool>,
    /// Width of the bottlenecks, if bertlet wrote the file and there are any.
    pub adapter_size: Option<usize>,
    /// Decision threshold, if bertlet wrote the file; multi-label models only.
    pub threshold: Option<f64>,
    /// Problem type of the head by transformers' name, if the file has one.
    pub problem_type: Option<String>,
}

/// What config.json of BERT's first release has.
const FIRST_RELEASE: [&str; 7] = [
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "vocab_size",
    "type_vocab_size",
    "max_position_embeddings",
];

impl BertConfig {
    /// Parses and checks `config.json`.
    ///
    /// # Errors
    /// `bad-config`, `unsupported-architecture`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| Error::bad_config(format!("expected JSON, found something else: {error}")))?;
        let Value::Object(mut raw) = value else {
            return Err(Error::bad_config("expected a JSON object"));
        };
        let (encoder, architecture) = check_architecture(&raw)?;
        for name in encoder.config_aliases {
            if let Some(value) = raw.remove(*name) {
                raw.insert(encoder.config_name(name).to_owned(), value);
            }
        }
        let entries = Entries { raw: &raw, encoder };
        let hidden_size = entries.size("hidden_size", 768, 8_192)?;
        let hidden_dropout_prob = entries.probability("hidden_dropout_prob", 0.1)?;
        let max_position_embeddings = entries.size("max_position_embeddings", 512, 65_536)?;
        let first_position = match encoder.first_position {
            FirstPosition::Zero => 0,
            FirstPosition::AfterPadding => match encoder.fixed("pad_token_id") {
                Some(id) => id as usize + 1,
                None => entries.token("pad_token_id")? + 1,
            },
        };
        if first_position + LEAST_POSITIONS > max_position_embeddings {
            return Err(Error::bad_config(format!(
                "max_position_embeddings: expected at least {}, found {max_position_embeddings}",
                first_position + LEAST_POSITIONS
            )));
        }
        let classifier_dropout = entries.default("classifier_dropout", hidden_dropout_prob);
        let config = Self {
            encoder,
            architecture,
            vocab_size: entries.size("vocab_size", 30_522, 1_000_000)?,
            hidden_size,
            embedding_size: match encoder.has_embedding_size {
                false => None,
                true => Some(entries.size("embedding_size", 128, 8_192)?).filter(|size| *size != hidden_size),
            },
            num_hidden_layers: entries.size("num_hidden_layers", 12, 128)?,
            num_attention_heads: entries.size("num_attention_heads", 12, 256)?,
            intermediate_size: entries.size("intermediate_size", 3_072, 65_536)?,
            max_position_embeddings,
            first_position,
            type_vocab_size: match encoder.has_segments {
                false => 0,
                true => entries.size("type_vocab_size", 2, 64)?,
            },
            relative_buckets: match encoder.has_relative_bias {
                false => None,
                // Whatever the file says, transformers computes with this many.
                true => Some(
                    entries
                        .size("relative_attention_num_buckets", BUCKETS, 1_024)?
                        .max(BUCKETS),
                ),
            },
            layer_norm_eps: match encoder.fixed("layer_norm_eps") {
                Some(eps) => eps,
                None => positive(&raw, "layer_norm_eps", 1e-12)?,
            },
            hidden_act: activation(entries.get("hidden_act"))?,
            hidden_dropout_prob,
            attention_probs_dropout_prob: entries.probability("attention_probs_dropout_prob", 0.1)?,
            classifier_dropout: entries.probability("classifier_dropout", classifier_dropout)?,
            initializer_range: positive(&raw, "initializer_range", 0.02)?,
            pooling: raw
                .get("bertlet")
                .and_then(|own| own["pooling"].as_str())
                .and_then(Pooling::from_name),
            normalizes: raw.get("bertlet").and_then(|own| own["normalizes"].as_bool()),
            adapter_size: match raw.get("bertlet").and_then(|own| own.get("adapter_size")) {
                None | Some(Value::Null) => None,
                Some(size) => match size.as_u64() {
                    Some(size) if (1..=8192).contains(&size) => Some(size as usize),
                    _ => {
                        return Err(Error::bad_config(format!(
                            "bertlet.adapter_size: expected a whole number from 1 to 8192, found {size}"
                        )));
                    }
                },
            },
            threshold: threshold(&raw)?,
            problem_type: raw.get("problem_type").and_then(Value::as_str).map(str::to_owned),
            raw,
        };
        if let Some(id) = config.padding_id().filter(|id| *id as usize >= config.vocab_size) {
            return Err(Error::bad_config(format!(
                "pad_token_id: expected a token of the {} of the vocabulary, found {id}",
                config.vocab_size
            )));
        }
        if !config.hidden_size.is_multiple_of(config.num_attention_heads) {
            return Err(Error::bad_config(format!(
                "hidden_size {} is not divisible by num_attention_heads {}",
                config.hidden_size, config.num_attention_heads
            )));
        }
        Ok(config)
    }

    /// Label names in the order of the head's rows; empty where the file has none.
    ///
    /// # Errors
    /// `bad-config`.
    pub fn labels(&self) -> Result<Vec<String>> {
        id2label(&self.raw)
    }

    /// The configuration of a file that names no class, as the class that its tensors are of: with `has_head`, a
    /// `BertForSequenceClassification`.
    pub fn of_tensors(mut self, has_head: bool) -> Self {
        let names = self.raw.get("architectures").and_then(Value::as_array);
        let names_none = names.is_none_or(Vec::is_empty);
        if names_none && has_head {
            self.architecture = self.encoder.saved_class(false);
        }
        self
    }

    /// The token that takes no position, where positions are counted without it. The tokenizer's may be another.
    pub fn padding_id(&self) -> Option<u32> {
        (self.encoder.first_position == FirstPosition::AfterPadding).then(|| self.first_position as u32 - 1)
    }

    /// Longest text, in tokens.
    pub fn positions(&self) -> usize {
        self.max_position_embeddings - self.first_position
    }

    /// Whether the class carries a classification head.
    pub fn has_head(&self) -> bool {
        self.architecture.ends_with("ForSequenceClassification")
    }
}

/// Tokens that a text has at least: the two special ones and one of its own.
const LEAST_POSITIONS: usize = 3;

/// The encoder and its class.
fn check_architecture(raw: &Map<String, Value>) -> Result<(&'static Architecture, String)> {
    let unsupported = |found: &str| Error::unsupported_architecture(found);
    let class = match raw
        .get("architectures")
        .and_then(Value::as_array)
        .map(|list| list.first())
    {
        None | Some(None) => None,
        Some(Some(Value::String(name))) => Some(name.as_str()),
        Some(Some(_)) => return Err(unsupported("an architecture that is not a name")),
    };
    let encoder = match (raw.get("model_type"), class) {
        (Some(Value::String(kind)), class) => {
            Architecture::of_model_type(kind).ok_or_else(|| unsupported(class.unwrap_or(kind)))?
        }
        (_, Some(class)) => Architecture::of_class(class).ok_or_else(|| unsupported(class))?,
        // Google's own files of BERT's first release say neither.
        _ if FIRST_RELEASE.iter().all(|key| raw.contains_key(*key)) => Architecture::BERT,
        _ => {
            return Err(Error::bad_config("expected a model_type such as \"bert\", found none"));
        }
    };
    for (name, plain) in [
        ("position_embedding_type", "absolute"),
        ("is_decoder", "false"),
        ("add_cross_attention", "false"),
    ] {
        let is_plain = match raw.get(name) {
            Some(Value::String(found)) => found == plain,
            Some(Value::Bool(found)) => !found,
            _ => true,
        };
        if !is_plain {
            let found = raw[name].as_str().unwrap_or("true");
            let found = format!("{} with {name} {found}", encoder.class);
            return Err(Error::unsupported_part(found));
        }
    }
    match class {
        None => Ok((encoder, format!("{}Model", encoder.class))),
        Some(name) if encoder.has_class(name) => Ok((encoder, name.to_owned())),
        Some(name) => Err(unsupported(name)),
    }
}

fn threshold(raw: &Map<String, Value>) -> Result<Option<f64>> {
    match raw.get("bertlet").and_then(|own| own.get("threshold")) {
        None | Some(Value::Null) => Ok(None),
        Some(found) => match found.as_f64() {
            Some(threshold) if is_threshold(threshold) => Ok(Some(threshold)),
            _ => Err(Error::bad_config(format!(
                "bertlet.threshold: expected a number above 0 and below 1, found {found}"
            ))),
        },
    }
}

/// Whether a number can be a decision threshold: above 0 and below 1.
pub(crate) fn is_threshold(number: f64) -> bool {
    number > 0.0 && number < 1.0
}

fn activation(found: Option<&Value>) -> Result<Activation> {
    let Some(found) = found else {
        return Ok(Activation::Gelu);
    };
    match found.as_str() {
        // transformers' other names of the same functions.
        Some("gelu" | "gelu_python") => Ok(Activation::Gelu),
        Some("gelu_new" | "gelu_pytorch_tanh" | "gelu_python_tanh" | "gelu_fast" | "gelu_accurate") => {
            Ok(Activation::GeluNew)
        }
        Some("relu") => Ok(Activation::Relu),
        Some("silu" | "swish") => Ok(Activation::Silu),
        Some("tanh") => Ok(Activation::Tanh),
        _ => Err(Error::bad_config(format!(
            "hidden_act: expected gelu, gelu_new, relu, silu or tanh, found {found}"
        ))),
    }
}
