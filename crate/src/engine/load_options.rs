//! How a checkpoint is to be used: what was asked, held against what the checkpoint is.

use serde::Deserialize;

use crate::{
    Error, Result,
    checkpoint::Tensors,
    model::{BertConfig, Pooling, ProblemType},
};

/// How a checkpoint is to be used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadOptions {
    /// Text of `tokenizer_config.json`, which says how the tokenizer is to be read.
    #[serde(default)]
    pub tokenizer_config: Option<String>,
    /// `cls`, `mean` or `max`; none: what the checkpoint says, else `cls` with a pooler, else `mean`.
    #[serde(default)]
    pub pooling: Option<String>,
    /// Labels in order; none: the checkpoint's own. Another list than its own makes a new head.
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    /// `single_label_classification` or `multi_label_classification`; none: what the checkpoint says, else the first.
    #[serde(default)]
    pub problem_type: Option<String>,
    /// Most tokens of a row, from 3 to the checkpoint's positions; none: 128, or fewer where there are fewer.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// Whether to have the masked-language-model head: the checkpoint's, else a new one.
    #[serde(default)]
    pub masked_lm: bool,
    /// Seed of newly made tensors.
    pub seed: u64,
}

/// Most labels of a head.
const MOST_LABELS: usize = 1000;

pub(super) fn max_length(config: &BertConfig, asked: Option<usize>) -> Result<usize> {
    let most = config.max_position_embeddings;
    let length = asked.unwrap_or(most.min(128));
    if (3..=most).contains(&length) {
        return Ok(length);
    }
    Err(Error::bad_option(
        "maxLength",
        format!("a whole number from 3 to the checkpoint's {most} positions"),
        length,
    ))
}

pub(super) fn pooling(config: &BertConfig, tensors: &Tensors, asked: Option<&str>) -> Result<Pooling> {
    match asked {
        Some(name) => Pooling::from_name(name).ok_or_else(|| Error::bad_option("pooling", "cls, mean or max", name)),
        None => Ok(config
            .pooling
            .unwrap_or(match tensors.contains("bert.pooler.dense.weight") {
                true => Pooling::Cls,
                false => Pooling::Mean,
            })),
    }
}

/// `classes` are those of the checkpoint's own head, where that is kept.
pub(super) fn problem_type(config: &BertConfig, asked: Option<&str>, classes: Option<usize>) -> Result<ProblemType> {
    if let Some(name) = asked {
        return ProblemType::from_name(name).ok_or_else(|| {
            Error::bad_option(
                "problemType",
                "single_label_classification or multi_label_classification",
                name,
            )
        });
    }
    match (config.problem_type.as_deref(), classes) {
        // One logit, as of a ranking model: its softmax is always 1, and transformers' pipeline takes the sigmoid.
        (None, Some(1)) => Ok(ProblemType::MultiLabel),
        (None, _) => Ok(ProblemType::SingleLabel),
        (Some(name), classes) => match (ProblemType::from_name(name), classes) {
            (Some(known), _) => Ok(known),
            (None, None) => Ok(ProblemType::SingleLabel),
            (None, Some(_)) => Err(Error::bad_config(format!(
                "problem_type: expected single_label_classification or multi_label_classification, found {name}; the \
                 option problemType reads the head as one of these, and the option labels makes a new head"
            ))),
        },
    }
}

/// Labels of the head that the checkpoint carries; none where it carries none.
pub(super) fn own_labels(config: &BertConfig, tensors: &Tensors) -> Vec<String> {
    let Some(&[classes, _]) = tensors.shape("classifier.weight").filter(|_| config.has_head()) else {
        return Vec::new();
    };
    if config.labels.len() == classes {
        return config.labels.clone();
    }
    // transformers leaves id2label out of config.json where the names are its default ones.
    (0..classes).map(|id| format!("LABEL_{id}")).collect()
}

pub(super) fn check_labels(labels: Vec<String>) -> Result<Vec<String>> {
    let bad = |expected: &str, found: String| Err(Error::bad_option("labels", expected, found));
    if labels.is_empty() || labels.len() > MOST_LABELS {
        return bad("1 to 1000 labels", labels.len().to_string());
    }
    for (index, label) in labels.iter().enumerate() {
        if label.is_empty() {
            return bad("labels that are not empty", format!("an empty one at index {index}"));
        }
        if labels[..index].contains(label) {
            return bad("labels that differ", format!("{label:?} twice"));
        }
    }
    Ok(labels)
}
