//! adapter_model.safetensors: an adapter's weights by peft's names, in torch's layout.

use burn::tensor::Tensor;

use super::{
    adapter::{Adapter, AdapterWeights, LowRankWeights},
    config::{AdapterConfig, AdapterKind},
    targets::ends_with,
};
use crate::{
    Error, Result,
    checkpoint::{Saved, Tensors, transpose, write_safetensors},
    device::{self, floats},
    model::{Architecture, BertConfig, BertForSequenceClassification, Pooling, is_threshold},
};

const FILE: &str = "adapter_model.safetensors";
/// Key of the labels in the file's metadata, which peft ignores.
const LABELS: &str = "bertlet.labels";
/// Key of the threshold there.
const THRESHOLD: &str = "bertlet.threshold";
/// Key of the pooling there.
const POOLING: &str = "bertlet.pooling";

/// BERT's names of the head and the pooler.
const HEAD: &str = "classifier";
const POOLER: &str = "bert.pooler.dense";

/// `adapter_config.json` and `adapter_model.safetensors` of an adapter. `config` is the base model's, `base` its folder
/// or Hugging Face id.
///
/// # Errors
/// `device-lost`.
pub async fn write(adapter: &Adapter, config: &BertConfig, base: &str) -> Result<(String, Vec<u8>)> {
    write_as(adapter, config, base, nonzero).await
}

/// `adapter_model.safetensors` with every singular value, also those that are 0: for a run that goes on.
///
/// # Errors
/// `device-lost`.
pub async fn write_whole(adapter: &Adapter, config: &BertConfig) -> Result<Vec<u8>> {
    let all = |e: &[f32]| vec![true; e.len()];
    Ok(write_as(adapter, config, "", all).await?.1)
}

/// `kept` tells which singular values are saved.
async fn write_as(
    adapter: &Adapter,
    config: &BertConfig,
    base: &str,
    kept: impl Fn(&[f32]) -> Vec<bool>,
) -> Result<(String, Vec<u8>)> {
    let mut saved: Vec<Saved> = Vec::new();
    let mut ranks = Vec::new();
    let encoder = config.encoder;
    let mut start = "base_model.";
    match &adapter.weights {
        AdapterWeights::LowRank(weights) => {
            start = "base_model.model.";
            for LowRankWeights { layer, a, b, e } in weights {
                let ([inputs, rank], [_, outputs]) = (a.dims(), b.dims());
                let (a, b) = (device::read(a.clone()).await?, device::read(b.clone()).await?);
                // In peft's files the singular vectors are rows of A and columns of B.
                let (a, b) = (transpose(&a, inputs, rank), transpose(&b, rank, outputs));
                let stem = stem(layer);
                let Some(e) = e else {
                    saved.push(tensor(format!("{stem}A.weight"), vec![rank, inputs], &a));
                    saved.push(tensor(format!("{stem}B.weight"), vec![outputs, rank], &b));
                    continue;
                };
                let e = device::read(e.clone()).await?;
                let kept = kept(&e);
                let chosen = |at: usize| kept[at % rank];
                let a: Vec<f32> = a
                    .chunks_exact(inputs)
                    .zip(&kept)
                    .filter(|(_, kept)| **kept)
                    .flat_map(|(row, _)| row.to_vec())
                    .collect();
                let b: Vec<f32> = b
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| chosen(*at))
                    .map(|(_, x)| *x)
                    .collect();
                let e: Vec<f32> = e
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| chosen(*at))
                    .map(|(_, x)| *x)
                    .collect();
                saved.push(tensor(format!("{stem}A"), vec![e.len(), inputs], &a));
                saved.push(tensor(format!("{stem}B"), vec![outputs, e.len()], &b));
                saved.push(tensor(format!("{stem}E"), vec![e.len(), 1], &e));
                ranks.push((layer.clone(), kept));
            }
        }
        AdapterWeights::Prompt(prompt) => {
            let shape = prompt.dims().to_vec();
            let values = device::read(prompt.as_ref().clone()).await?;
            saved.push(tensor("prompt_embeddings".to_owned(), shape, &values));
        }
        AdapterWeights::Prefix(layers) => {
            // Columns: layer after layer, the key before the value.
            let mut states = Vec::with_capacity(2 * layers.len());
            for state in layers.iter().flatten() {
                states.push(device::read(state.clone()).await?);
            }
            let [tokens, hidden] = layers[0][0].dims();
            let row = |token: usize| states.iter().flat_map(move |state| &state[token * hidden..][..hidden]);
            let values: Vec<f32> = (0..tokens).flat_map(row).copied().collect();
            let shape = vec![tokens, states.len() * hidden];
            saved.push(tensor("prompt_embeddings".to_owned(), shape, &values));
        }
    }
    let (weight, bias) = &adapter.head;
    let head = format!("{start}{}", encoder.own_name(HEAD));
    let [hidden, classes] = weight.dims();
    let weight = transpose(&device::read(weight.clone()).await?, hidden, classes);
    saved.push(tensor(format!("{head}.weight"), vec![classes, hidden], &weight));
    // As in checkpoint/save.rs: transformers' own class, which pools otherwise, refuses this shape.
    let bias_shape = match adapter.pooling {
        None | Some(Pooling::Pooler) => vec![classes],
        Some(_) => vec![1, classes],
    };
    saved.push(tensor(
        format!("{head}.bias"),
        bias_shape,
        &device::read(bias.clone()).await?,
    ));
    if let Some((weight, bias)) = &adapter.pooler {
        let pooler = format!("{start}{}", encoder.own_name(POOLER));
        let weight = transpose(&device::read(weight.clone()).await?, hidden, hidden);
        saved.push(tensor(format!("{pooler}.weight"), vec![hidden, hidden], &weight));
        let bias = device::read(bias.clone()).await?;
        saved.push(tensor(format!("{pooler}.bias"), vec![hidden], &bias));
    }
    let mut metadata = vec![(LABELS.to_owned(), serde_json::json!(adapter.labels).to_string())];
    if let Some(threshold) = adapter.threshold {
        metadata.push((THRESHOLD.to_owned(), serde_json::json!(threshold).to_string()));
    }
    if let Some(pooling) = adapter.pooling {
        metadata.push((POOLING.to_owned(), pooling.name().to_owned()));
    }
    let file = write_safetensors(FILE, &saved, metadata)?;
    let all_ranks: Vec<(String, usize)> = match &adapter.weights {
        AdapterWeights::LowRank(weights) => weights
            .iter()
            .map(|pair| (pair.layer.clone(), pair.a.dims()[1]))
            .collect(),
        AdapterWeights::Prompt(_) | AdapterWeights::Prefix(_) => Vec::new(),
    };
    let module = encoder.own_name(POOLER);
    // BERT's pooler is a module of the encoder; others have it beside or in the classifier.
    let module = module.strip_prefix("bert.").unwrap_or(&module).split('.').next();
    let module = module.filter(|_| adapter.pooler.is_some());
    Ok((adapter.config.write(config, base, &ranks, &all_ranks, module), file))
}

/// The singular values that are saved: those that are not 0. peft needs at least one, so the first stays if all are 0.
fn nonzero(e: &[f32]) -> Vec<bool> {
    let none = e.iter().all(|&e| e == 0.0);
    e.iter()
        .enumerate()
        .map(|(at, &e)| e != 0.0 || (none && at == 0))
        .collect()
}

fn tensor(name: String, shape: Vec<usize>, values: &[f32]) -> Saved {
    (
        name,
        safetensors::Dtype::F32,
        shape,
        values.iter().flat_map(|value| value.to_le_bytes()).collect(),
    )
}

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
        false => None,
    };
    let mut used = vec![weight.clone(), bias.clone()];
    used.extend(own_pooler.into_iter().filter(|_| pooler.is_some()));
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
    let weight = columns(&weight, hidden, classes)?;
    let bias = tensors.values(&bias, &[classes])?;
    let head = (weight, floats(bias, [classes], &device));
    let saved: Option<Vec<String>> = metadata(weights, LABELS).and_then(|text| serde_json::from_str(&text).ok());
    let saved = saved.filter(|labels| labels.len() == classes);
    let labels = match saved {
        Some(labels) => labels,
        None if own_labels.len() == classes => own_labels.to_vec(),
        None => (0..classes).map(|id| format!("LABEL_{id}")).collect(),
    };
    let threshold = metadata(weights, THRESHOLD).and_then(|text| serde_json::from_str::<f64>(&text).ok());
    Ok(Adapter {
        config,
        labels,
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
        Some(name) => Err(Error::bad_weights(
            FILE,
            format!(
                "found the tensor {name}, which is neither of the head nor of a module in target_modules; of \
                 modules_to_save, only the classifier and the pooler are read"
            ),
        )),
    }
}

/// The common beginning of the names of a dense layer's low-rank pair.
fn stem(name: &str) -> String {
    format!("base_model.model.{name}.lora_")
}

fn metadata(weights: &[u8], name: &str) -> Option<String> {
    let (_, metadata) = safetensors::SafeTensors::read_metadata(weights).ok()?;
    metadata.metadata().as_ref()?.get(name).cloned()
}
