//! Reads adapter_model.safetensors: an adapter's weights by peft's names, in torch's layout. `write` makes the file.

use burn::tensor::Tensor;

use super::{
    adapter::{Adapter, AdapterWeights, LowRankWeights},
    config::{AdapterConfig, AdapterKind},
    targets::ends_with,
};
use crate::{
    Error, Result,
    checkpoint::{Tensors, transpose},
    device::floats,
    model::{Architecture, BertForSequenceClassification, Pooling, is_threshold},
};

pub(super) const FILE: &str = "adapter_model.safetensors";
/// Key of the labels in the file's metadata, which peft ignores.
pub(super) const LABELS: &str = "bertlet.labels";
/// Key of the threshold there.
pub(super) const THRESHOLD: &str = "bertlet.threshold";
/// Key of the pooling there.
pub(super) const POOLING: &str = "bertlet.pooling";

/// BERT's name of the head.
pub(super) const HEAD: &str = "classifier";
/// BERT's name of the pooler.
pub const POOLER: &str = "bert.pooler.dense";

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
    let (config, bytes) = (AdapterConfig::parse(config)?, config);
    let targets = config.targets_of(bytes)?;
    let tensors = open(weights)?;
    let (hidden, device) = (model.hidden_size(), model.bert.word_embeddings().device());
    let scaled = |name: &str, rows: usize, columns: usize, factor: f32| -> Result<Tensor<2>> {
        let mut values = tensors.values(name, &[columns, rows])?;
        values.iter_mut().for_each(|value| *value *= factor);
        Ok(floats(transpose(&values, columns, rows), [rows, columns], &device))
    };
    let columns = |name: &str, rows: usize, columns: usize| scaled(name, rows, columns, 1.0);
    let mut emptied = Vec::new();
    let adapter_weights = match &config.kind {
        AdapterKind::Lora(_) | AdapterKind::Adalora(..) => {
            let targets = targets.as_ref().expect("a low-rank adapter has targets");
            let mut pairs = Vec::new();
            for (name, dense) in model.dense_layers() {
                if !targets.has(&name) {
                    continue;
                }
                let [inputs, outputs] = dense.weight.val().dims();
                let stem = stem(&name);
                pairs.push(match &config.kind {
                    AdapterKind::Adalora(options, _) => {
                        // Each layer has a rank of its own.
                        let shape = tensors.shape(&format!("{stem}E"));
                        let rank = shape.and_then(|shape| shape.first()).copied();
                        // Of a layer that lost all its ranks nothing is left to add.
                        if rank == Some(0) {
                            emptied.push(name);
                            continue;
                        }
                        let rank = rank.unwrap_or(0).clamp(1, options.initial_rank);
                        let a = columns(&format!("{stem}A"), inputs, rank)?;
                        let b = columns(&format!("{stem}B"), rank, outputs)?;
                        let e = floats(tensors.values(&format!("{stem}E"), &[rank, 1])?, [1, rank], &device);
                        LowRankWeights {
                            layer: name,
                            a,
                            b,
                            e: Some(e),
                        }
                    }
                    AdapterKind::Lora(_) => {
                        let rank = targets.rank(&name);
                        let a = columns(&format!("{stem}A.weight"), inputs, rank)?;
                        // One factor stands for all layers of an adapter; a layer's own goes into its pair.
                        let factor = targets.factor(&name) as f32;
                        let b = scaled(&format!("{stem}B.weight"), rank, outputs, factor)?;
                        LowRankWeights {
                            layer: name,
                            a,
                            b,
                            e: None,
                        }
                    }
                    AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => continue,
                });
            }
            if pairs.is_empty() && emptied.is_empty() {
                return Err(Error::bad_adapter_config(
                    "target_modules: expected names of the encoder's dense layers, found none",
                ));
            }
            AdapterWeights::LowRank(pairs)
        }
        AdapterKind::Prompt { tokens } => {
            let values = tensors.values("prompt_embeddings", &[*tokens, hidden])?;
            AdapterWeights::Prompt(Box::new(floats(values, [*tokens, hidden], &device)))
        }
        AdapterKind::Prefix { tokens } => {
            let layers = model.layers();
            let values = tensors.values("prompt_embeddings", &[*tokens, layers * 2 * hidden])?;
            let state = |place: usize| {
                let rows = values.chunks_exact(layers * 2 * hidden);
                let own = rows.flat_map(|row| &row[place * hidden..][..hidden]).copied().collect();
                floats(own, [*tokens, hidden], &device)
            };
            AdapterWeights::Prefix(
                (0..layers)
                    .map(|layer| [state(2 * layer), state(2 * layer + 1)])
                    .collect(),
            )
        }
    };
    let encoder = model.architecture();
    let named = |module: &str, part: &str| {
        let end = format!("{}.{part}", encoder.own_name(module));
        let name = tensors.names().find(|name| ends_with(name, &end));
        name.map_or_else(|| format!("base_model.model.{end}"), str::to_owned)
    };
    let (weight, bias) = (named(HEAD, "weight"), named(HEAD, "bias"));
    let has_pooler = model.has_pooler();
    let own_pooler = [named(POOLER, "weight"), named(POOLER, "bias")];
    let is_in_file = own_pooler.iter().all(|name| tensors.contains(name));
    let pooler = match has_pooler && is_in_file {
        true => {
            let bias = tensors.values(&own_pooler[1], &[hidden])?;
            Some((
                columns(&own_pooler[0], hidden, hidden)?,
                floats(bias, [hidden], &device),
            ))
        }
        // That of the head is saved with it.
        false => model.pooler().filter(|_| model.pooler_in_head()),
    };
    // Without a task peft saves no head that was not asked for, and the model keeps its own.
    let own_head = model
        .head()
        .filter(|_| !tensors.contains(&weight) && !tensors.contains(&bias) && !AdapterConfig::names_task(bytes));
    let mut used = vec![weight.clone(), bias.clone()];
    used.extend(own_pooler.into_iter().filter(|_| has_pooler && is_in_file));
    let spare = (!has_pooler).then(|| encoder.own_name(POOLER));
    refuse_others(&tensors, &adapter_weights, &emptied, used, spare.as_deref())?;
    let config = match (&targets, &adapter_weights) {
        (Some(targets), AdapterWeights::LowRank(pairs)) if !targets.is_plain() || !emptied.is_empty() => {
            config.with_modules(pairs.iter().map(|pair| pair.layer.clone()).collect())
        }
        _ => config,
    };
    let classes = tensors
        .shape(&weight)
        .and_then(|shape| shape.first())
        .copied()
        .unwrap_or(own_labels.len());
    let head = match own_head {
        Some(head) => head,
        None => {
            let bias = tensors.values(&bias, &[classes]);
            (columns(&weight, hidden, classes)?, floats(bias?, [classes], &device))
        }
    };
    let saved: Option<Vec<String>> = metadata(weights, LABELS).and_then(|text| serde_json::from_str(&text).ok());
    let saved = saved.filter(|labels| labels.len() == classes);
    let labels = match saved {
        Some(labels) => labels,
        None if own_labels.len() == classes => own_labels.to_vec(),
        None => (0..classes).map(|id| format!("LABEL_{id}")).collect(),
    };
    let threshold = metadata(weights, THRESHOLD);
    // Our own files have the one wherever the other is needed.
    let multi_label = metadata(weights, LABELS).map(|_| threshold.is_some());
    let threshold = threshold.and_then(|text| serde_json::from_str::<f64>(&text).ok());
    Ok(Adapter {
        config,
        labels,
        multi_label,
        threshold: threshold.filter(|&threshold| is_threshold(threshold)),
        pooling: pooling(weights, encoder),
        head,
        pooler,
        weights: adapter_weights,
    })
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

/// The file's tensors. peft's names begin with its own prefix, so none is translated to BERT's.
fn open(weights: &[u8]) -> Result<Tensors<'_>> {
    Tensors::open(FILE, weights, Architecture::BERT)
}

/// Refuses tensors that have no place in the model: without them it would answer otherwise, and nobody would notice.
/// Only those of the module `spare` may be left over: a pooler, in a model without one.
fn refuse_others(
    tensors: &Tensors,
    weights: &AdapterWeights,
    emptied: &[String],
    mut used: Vec<String>,
    spare: Option<&str>,
) -> Result<()> {
    used.extend(
        emptied
            .iter()
            .flat_map(|layer| ["A", "B", "E"].map(|end| stem(layer) + end)),
    );
    match weights {
        AdapterWeights::LowRank(pairs) => {
            let ends = ["A", "B", "E", "A.weight", "B.weight"];
            let names = pairs.iter().flat_map(|pair| ends.map(|end| stem(&pair.layer) + end));
            used.extend(names);
        }
        AdapterWeights::Prompt(_) | AdapterWeights::Prefix(_) => used.push("prompt_embeddings".to_owned()),
    }
    let others = tensors.unused_names(&used).into_iter();
    let is_spare = |name: &String| spare.is_some_and(|spare| name.contains(spare));
    match others.filter(|name| !is_spare(name)).min() {
        None => Ok(()),
        Some(name) => Err(Error::bad_adapter_config(format!(
            "{FILE} has the tensor {name}, which is neither of the head nor of a module in target_modules; of modules_to_save, \
             only the classifier and the pooler are read"
        ))),
    }
}

/// The common beginning of the names of a dense layer's low-rank pair.
pub(super) fn stem(name: &str) -> String {
    format!("base_model.model.{name}.lora_")
}

fn metadata(weights: &[u8], name: &str) -> Option<String> {
    let (_, metadata) = safetensors::SafeTensors::read_metadata(weights).ok()?;
    metadata.metadata().as_ref()?.get(name).cloned()
}
