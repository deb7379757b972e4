//! Attaching adapters to a model, and detaching them. Tensors are shared, not copied, so that switching is instant.

use burn::{module::Param, tensor::Tensor};

use super::{
    adapter::{Adapter, AdapterWeights, LowRankWeights},
    config::{AdapterConfig, AdapterKind},
};
use crate::model::{BertForSequenceClassification, Dense, LowRank, Prefix};

/// The model with an adapter and its head. The model must have no other adapter.
pub fn attach(model: &BertForSequenceClassification, adapter: &Adapter) -> BertForSequenceClassification {
    let (weight, bias) = adapter.head.clone();
    let mut model = model.clone().with_head(weight, bias);
    if let Some((weight, bias)) = adapter.pooler.clone() {
        model = model.with_pooler(weight, bias);
    }
    match &adapter.weights {
        AdapterWeights::LowRank(weights) => {
            for (name, dense) in model.dense_layers_mut() {
                let own = weights.iter().find(|own| own.layer == name);
                dense.low_rank = own.map(|own| LowRank {
                    a: Param::from_tensor(own.a.clone()),
                    b: Param::from_tensor(own.b.clone()),
                    e: own.e.clone().map(Param::from_tensor),
                    scale: adapter.config.scale(),
                });
            }
        }
        AdapterWeights::Prompt(prompt) => model.set_prompt(Some(prompt.as_ref().clone())),
        AdapterWeights::Prefix(layers) => {
            let prefix = |[key, value]: &[Tensor<2>; 2]| Prefix {
                key: Param::from_tensor(key.clone()),
                value: Param::from_tensor(value.clone()),
            };
            model.set_prefixes(Some(layers.iter().map(prefix).collect()));
        }
    }
    model
}

/// The adapter that [`attach`] put on a model, with its current weights; none where the model has no head or no adapter.
/// `has_pooler` says whether the model's pooler is the adapter's own.
pub fn extract(
    model: &BertForSequenceClassification,
    config: AdapterConfig,
    labels: Vec<String>,
    threshold: Option<f64>,
    has_pooler: bool,
) -> Option<Adapter> {
    let head = model.head()?;
    let weights = match config.kind {
        AdapterKind::Lora(_) | AdapterKind::Adalora(..) => {
            let weights = |(layer, dense): (String, &Dense)| {
                let pair = dense.low_rank.as_ref()?;
                Some(LowRankWeights {
                    layer,
                    a: pair.a.val(),
                    b: pair.b.val(),
                    e: pair.e.as_ref().map(Param::val),
                })
            };
            AdapterWeights::LowRank(model.dense_layers().into_iter().filter_map(weights).collect())
        }
        AdapterKind::Prompt { .. } => AdapterWeights::Prompt(Box::new(model.prompt()?)),
        AdapterKind::Prefix { .. } => {
            let layer = |prefix: &&Prefix| [prefix.key.val(), prefix.value.val()];
            AdapterWeights::Prefix(model.prefixes().iter().map(layer).collect())
        }
    };
    Some(Adapter {
        config,
        labels,
        multi_label: Some(threshold.is_some()),
        threshold,
        pooling: Some(model.pooling()),
        head,
        pooler: has_pooler.then(|| model.pooler()).flatten(),
        weights,
    })
}

/// The model without any adapter. Its head stays.
pub fn detach(mut model: BertForSequenceClassification) -> BertForSequenceClassification {
    model
        .dense_layers_mut()
        .into_iter()
        .for_each(|(_, dense)| dense.low_rank = None);
    model.set_prompt(None);
    model.set_prefixes(None);
    model
}

/// The model with its low-rank products merged into the weights, so that it needs no adapter (Hu et al. 2021, section
/// 4.1). None where the model has virtual tokens, which cannot be merged.
pub fn merge(model: &BertForSequenceClassification) -> Option<BertForSequenceClassification> {
    if model.bert.virtual_tokens() > 0 {
        return None;
    }
    let mut model = model.clone();
    for (_, dense) in model.dense_layers_mut() {
        if let Some(pair) = dense.low_rank.take() {
            dense.weight = Param::from_tensor(pair.merged(dense.weight.val()));
        }
    }
    Some(model)
}
