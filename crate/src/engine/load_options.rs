//! The options of loading, checked against the checkpoint.

use serde::Deserialize;

use crate::{
    Error, Result,
    checkpoint::Tensors,
    model::{BertConfig, Pooling, ProblemType},
};

/// The options of loading a checkpoint, named as in the JavaScript API.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadOptions {
    /// Text of `tokenizer_config.json`, which has settings of the tokenizer.
    #[serde(default)]
    pub tokenizer_config: Option<String>,
    /// `cls`, `mean` or `max`; none: the checkpoint's own, else `cls` if it has a pooler, else `mean`.
    #[serde(default)]
    pub pooling: Option<String>,
    /// Labels in order; none: the checkpoint's own. Other labels than its own make a new head.
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    /// `single_label_classification` or `multi_label_classification`; none: the checkpoint's own, else the first.
    #[serde(default)]
    pub problem_type: Option<String>,
    /// Most tokens of a row, from 3 to the checkpoint's positions; none: 128, or all positions if these are fewer.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// Whether to load the masked-LM head; without one in the checkpoint it is newly initialized.
    #[serde(default)]
    pub masked_lm: bool,
    /// Seed of newly initialized tensors.
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

/// `classes` is the number of the checkpoint's own classes, if its head is kept.
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
        // One class, as in ranking models: softmax would always be 1, and transformers' pipeline uses the sigmoid.
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

/// Labels of the checkpoint's own head; none without a head.
pub(super) fn own_labels(config: &BertConfig, tensors: &Tensors) -> Vec<String> {
    let Some(&[classes, _]) = tensors.shape("classifier.weight").filter(|_| config.has_head()) else {
        return Vec::new();
    };
    if config.labels.len() == classes {
        return config.labels.clone();
    }
    // transformers omits default names from config.json.
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
