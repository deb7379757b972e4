//! Reads adapter_model.safetensors: an adapter's weights, and what bertlet notes of it in the metadata. `write` makes the
//! file.

use super::{
    adapter::{Adapter, AdapterWeights},
    config::{AdapterConfig, AdapterKind},
    file_tensors::{AdapterFile, HEAD, POOLER, open},
    targets::ends_with,
};
use crate::{
    Result,
    model::{Architecture, BertForSequenceClassification, Pooling, is_threshold},
};

/// Key of the labels in the file's metadata, which peft ignores.
pub(super) const LABELS: &str = "bertlet.labels";
/// Key of the threshold there.
pub(super) const THRESHOLD: &str = "bertlet.threshold";
/// Key of the pooling there.
pub(super) const POOLING: &str = "bertlet.pooling";

/// Reads an adapter for a model. Its labels are those it was saved with; else the model's, if their number fits; else
/// `LABEL_0` and so on.
///
/// # Errors
/// `bad-config`; `bad-weights`, `pickle-refused`, `missing-tensor`, `shape-mismatch`, `unsupported-dtype`.
pub fn read(
    model: &BertForSequenceClassification,
    own_labels: &[String],
    config: &[u8],
    weights: &[u8],
) -> Result<Adapter> {
    let (config_bytes, bytes) = (config, weights);
    let config = AdapterConfig::parse(config_bytes)?;
    let targets = config.targets_of(config_bytes)?;
    let file = AdapterFile::open(bytes, model)?;
    let tokens = config.virtual_tokens();
    let (weights, emptied) = match (&targets, &config.kind) {
        (Some(targets), AdapterKind::Adalora(options, _)) => file.triples(targets, options.initial_rank)?,
        (Some(targets), _) => (file.pairs(targets)?, Vec::new()),
        (None, AdapterKind::Prefix { .. }) => (file.prefix(tokens)?, Vec::new()),
        (None, _) => (file.prompt(tokens)?, Vec::new()),
    };
    let (head_names, pooler_names) = (file.names(HEAD), file.pooler_names());
    let pooler = file.pooler(pooler_names.as_ref())?;
    let classes = file.rows(&head_names[0]).unwrap_or(own_labels.len());
    let mut used = head_names.to_vec();
    used.extend(pooler_names.into_iter().flatten());
    file.refuse_others(&weights, &emptied, used)?;
    // Without a task peft saves no head that was not asked for, and the model keeps its own.
    let head = file.head(&head_names, classes, !AdapterConfig::names_task(config_bytes))?;
    let config = match (&targets, &weights) {
        (Some(targets), AdapterWeights::LowRank(pairs)) if !targets.is_plain() || !emptied.is_empty() => {
            config.with_modules(pairs.iter().map(|pair| pair.layer.clone()).collect())
        }
        _ => config,
    };
    let threshold = metadata(bytes, THRESHOLD);
    Ok(Adapter {
        config,
        labels: labels(bytes, own_labels, classes),
        // Our own files have the one wherever the other is needed.
        multi_label: metadata(bytes, LABELS).map(|_| threshold.is_some()),
        threshold: threshold
            .and_then(|text| serde_json::from_str(&text).ok())
            .filter(|&threshold| is_threshold(threshold)),
        pooling: pooling(bytes, model.architecture()),
        head,
        pooler,
        weights,
    })
}

fn labels(bytes: &[u8], own: &[String], classes: usize) -> Vec<String> {
    let saved: Option<Vec<String>> = metadata(bytes, LABELS).and_then(|text| serde_json::from_str(&text).ok());
    match saved.filter(|labels| labels.len() == classes) {
        Some(labels) => labels,
        None if own.len() == classes => own.to_vec(),
        None => (0..classes).map(|id| format!("LABEL_{id}")).collect(),
    }
}

/// The pooling of the model that an adapter was trained on, where its file tells: our own says it, and another is of
/// transformers' own class, unless its head is one of bertlet's class in Python.
pub fn pooling(weights: &[u8], encoder: &Architecture) -> Option<Pooling> {
    if let Some(name) = metadata(weights, POOLING) {
        return Pooling::from_name(&name);
    }
    if metadata(weights, LABELS).is_some() {
        return None;
    }
    let tensors = open(weights).ok()?;
    let end = format!("{}.bias", encoder.own_name(HEAD));
    let bias = tensors.names().find(|name| ends_with(name, &end))?;
    (tensors.shape(bias)?.len() == 1).then_some(Pooling::Pooler)
}

/// Whether an adapter's file has a pooler of its own.
pub fn brings_pooler(weights: &[u8], encoder: &Architecture) -> bool {
    let end = format!("{}.weight", encoder.own_name(POOLER));
    open(weights).is_ok_and(|tensors| tensors.names().any(|name| ends_with(name, &end)))
}

fn metadata(weights: &[u8], name: &str) -> Option<String> {
    let (_, metadata) = safetensors::SafeTensors::read_metadata(weights).ok()?;
    metadata.metadata().as_ref()?.get(name).cloned()
}
