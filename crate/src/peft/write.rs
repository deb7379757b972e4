//! Writes an adapter as peft does: adapter_config.json, and adapter_model.safetensors with the names and the layout of `file_tensors`.

use super::{
    adapter::{Adapter, AdapterWeights, LowRankWeights},
    file::{LABELS, POOLING, THRESHOLD},
    file_tensors::{FILE, HEAD, POOLER, stem},
};
use crate::{
    Result,
    checkpoint::{Saved, float_bytes, transpose, write_safetensors},
    device,
    model::BertConfig,
};

/// `adapter_config.json` and `adapter_model.safetensors` of an adapter. `config` is the base model's, `base` its folder
/// or Hugging Face id; `own_class` tells whether it needs `checkpoint::MODELING_CODE`.
///
/// # Errors
/// `device-lost`.
pub async fn write(adapter: &Adapter, config: &BertConfig, base: &str, own_class: bool) -> Result<(String, Vec<u8>)> {
    write_as(adapter, config, base, own_class, nonzero).await
}

/// `adapter_model.safetensors` with every singular value, also those that are 0: for a run that goes on.
///
/// # Errors
/// `device-lost`.
pub async fn write_whole(adapter: &Adapter, config: &BertConfig, own_class: bool) -> Result<Vec<u8>> {
    let all = |e: &[f32]| vec![true; e.len()];
    Ok(write_as(adapter, config, "", own_class, all).await?.1)
}

/// `kept` tells which singular values are saved.
async fn write_as(
    adapter: &Adapter,
    config: &BertConfig,
    base: &str,
    own_class: bool,
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
    let bias_shape = match own_class {
        false => vec![classes],
        true => vec![1, classes],
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
    (name, safetensors::Dtype::F32, shape, float_bytes(values))
}
