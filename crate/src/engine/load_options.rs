//! The options of loading, checked against the checkpoint.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Error, Result,
    checkpoint::{SentenceTransformer, Tensors},
    kernels::Storage,
    model::{BertConfig, Pooling, ProblemType},
};

/// The options of loading a checkpoint, named as in the JavaScript API.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadOptions {
    /// Text of `tokenizer_config.json`, which has settings of the tokenizer.
    #[serde(default)]
    pub tokenizer_config: Option<String>,
    /// The JSON files by which sentence-transformers reads the folder, by their paths in it: `modules.json` and those that
    /// it names. Empty for another folder.
    #[serde(default)]
    pub sentence_transformers: BTreeMap<String, String>,
    /// `pooler`, `cls`, `mean` or `max`; none: what the folder says, else `pooler` where transformers' class of the
    /// checkpoint has one, else `mean`.
    #[serde(default)]
    pub pooling: Option<String>,
    /// Labels in order; none: the checkpoint's own. Other labels than its own make a new head.
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    /// `single_label_classification` or `multi_label_classification`; none: the checkpoint's own, else the first.
    #[serde(default)]
    pub problem_type: Option<String>,
    /// Most tokens of a row, from 3 to the checkpoint's positions; none: what the folder says, else 128, or all positions if
    /// these are fewer.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// Whether to load the masked-LM head; without one in the checkpoint it is newly initialized.
    #[serde(default)]
    pub masked_lm: bool,
    /// What matrices are kept as; none: as the file has them.
    #[serde(default)]
    pub dtype: Option<Storage>,
    /// Seed of newly initialized tensors.
    pub seed: u64,
}

/// Most labels of a head.
const MOST_LABELS: usize = 1000;

/// Tokens of a row where no file says.
const USUAL_LENGTH: usize = 128;
/// transformers writes a number beyond any model for "no limit".
const NO_LIMIT: f64 = 1e6;

/// What is asked for; else what the folder says, up to the checkpoint's positions; else 128.
pub(super) fn max_length(
    config: &BertConfig,
    folder: Option<&SentenceTransformer>,
    options: &LoadOptions,
) -> Result<usize> {
    let most = config.positions();
    let of_folder = folder.and_then(|folder| folder.max_length);
    let length = match options.max_length {
        Some(asked) => asked,
        None => of_folder
            .or_else(|| of_tokenizer(options.tokenizer_config.as_deref()?))
            // As sentence-transformers does.
            .or_else(|| folder.is_some().then_some(most))
            .unwrap_or(USUAL_LENGTH)
            .min(most),
    };
    if (3..=most).contains(&length) {
        return Ok(length);
    }
    Err(Error::bad_option(
        "maxLength",
        format!("a whole number from 3 to the checkpoint's {most} positions"),
        length,
    ))
}

/// `model_max_length` of `tokenizer_config.json`, or `max_len` of an old one, where it says one.
fn of_tokenizer(config: &str) -> Option<usize> {
    let config: Value = serde_json::from_str(config).ok()?;
    let named = config.get("model_max_length").or_else(|| config.get("max_len"));
    let length = named?.as_f64()?;
    (3.0..NO_LIMIT).contains(&length).then_some(length as usize)
}

/// The heads of transformers' classes whose pooler is trained, where the file has one.
const WITH_POOLER: [&str; 5] = [
    "ForSequenceClassification",
    "ForPreTraining",
    "ForMaskedLM",
    "ForNextSentencePrediction",
    "ForMultipleChoice",
];

/// What is asked for; else what the folder says: bertlet's own entry in config.json, the modules of sentence-transformers,
/// and a pooler where transformers' class would use one. A pooler's tensors alone prove nothing: sentence-transformers writes
/// random ones.
pub(super) fn pooling(
    config: &BertConfig,
    tensors: &Tensors,
    folder: Option<&SentenceTransformer>,
    asked: Option<&str>,
) -> Result<Pooling> {
    let has_pooler = tensors.contains("bert.pooler.dense.weight");
    if let Some(name) = asked {
        return Pooling::from_name(name).ok_or_else(|| Error::bad_option("pooling", "pooler, cls, mean or max", name));
    }
    let own = config.pooling.map(|own| match own {
        // Before "pooler" had its name, "cls" meant it; what is saved as "cls" now has no pooler.
        Pooling::Cls if has_pooler => Pooling::Pooler,
        own => own,
    });
    let head = config
        .architecture
        .strip_prefix(config.encoder.class)
        .unwrap_or_default();
    let has_plain_class = WITH_POOLER.contains(&head);
    let of_class = match has_pooler && has_plain_class {
        true => Pooling::Pooler,
        false => Pooling::Mean,
    };
    Ok(own.or(folder.and_then(|folder| folder.pooling)).unwrap_or(of_class))
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
        (None | Some("single_label_classification"), Some(1)) => Ok(ProblemType::MultiLabel),
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
///
/// # Errors
/// `bad-config`.
pub(super) fn own_labels(config: &BertConfig, tensors: &Tensors) -> Result<Vec<String>> {
    let Some(&[classes, _]) = tensors.shape("classifier.weight").filter(|_| config.has_head()) else {
        return Ok(Vec::new());
    };
    let labels = config.labels()?;
    if labels.len() == classes {
        return Ok(labels);
    }
    // transformers omits default names from config.json.
    Ok((0..classes).map(|id| format!("LABEL_{id}")).collect())
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
