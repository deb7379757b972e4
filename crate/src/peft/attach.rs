//! Adapters onto a model and off it again. Tensors are shared, never copied: switching costs nothing.

use burn::{module::Param, tensor::Tensor};

use super::{
    adapter::{Adapter, Parts},
    config::{AdapterConfig, AdapterKind},
};
use crate::model::{BertForSequenceClassification, LowRank, Prefix};

/// The model with an adapter and its head. The model has no other.
pub fn attach(model: &BertForSequenceClassification, adapter: &Adapter) -> BertForSequenceClassification {
    let (weight, bias) = adapter.head.clone();
    let mut model = model.clone().with_head(weight, bias);
    match &adapter.parts {
        Parts::LowRank(parts) => {
            for (name, dense) in model.dense_layers() {
                let part = parts.iter().find(|(own, ..)| *own == name);
                dense.low_rank = part.map(|(_, a, b, e)| LowRank {
                    a: Param::from_tensor(a.clone()),
                    b: Param::from_tensor(b.clone()),
                    e: e.clone().map(Param::from_tensor),
                    scale: adapter.config.scale(),
                });
            }
        }
        Parts::Prompt(prompt) => model.set_prompt(Some(prompt.as_ref().clone())),
        Parts::Prefix(layers) => {
            let prefix = |[key, value]: &[Tensor<2>; 2]| Prefix {
                key: Param::from_tensor(key.clone()),
                value: Param::from_tensor(value.clone()),
            };
            model.set_prefixes(Some(layers.iter().map(prefix).collect()));
        }
    }
    model
}

/// The adapter that [`attach`] put on a model, as training left it; none where the model has no head or no adapter.
pub fn extract(
    model: &mut BertForSequenceClassification,
    config: AdapterConfig,
    labels: Vec<String>,
    threshold: Option<f64>,
) -> Option<Adapter> {
    let head = model.head()?;
    let parts = match config.kind {
        AdapterKind::Lora(_) | AdapterKind::Adalora(..) => {
            let pair = |(name, dense): (String, &mut crate::model::Dense)| {
                let pair = dense.low_rank.as_ref()?;
                let e = pair.e.as_ref().map(Param::val);
                Some((name, pair.a.val(), pair.b.val(), e))
            };
            Parts::LowRank(model.dense_layers().into_iter().filter_map(pair).collect())
        }
        AdapterKind::Prompt { .. } => Parts::Prompt(Box::new(model.prompt()?)),
        AdapterKind::Prefix { .. } => {
            let layer = |prefix: &&Prefix| [prefix.key.val(), prefix.value.val()];
            Parts::Prefix(model.prefixes().iter().map(layer).collect())
        }
    };
    Some(Adapter {
        config,
        labels,
        threshold,
        head,
        parts,
    })
}

/// The model without any adapter, its head as it is.
pub fn detach(mut model: BertForSequenceClassification) -> BertForSequenceClassification {
    model
        .dense_layers()
        .into_iter()
        .for_each(|(_, dense)| dense.low_rank = None);
    model.set_prompt(None);
    model.set_prefixes(None);
    model
}

/// The model with what LoRA adds to its weights added to them: the same answers without an adapter (Hu et al. 2021,
/// section 4.1). Virtual tokens cannot be merged: none where the model has any.
pub fn merged(model: &BertForSequenceClassification) -> Option<BertForSequenceClassification> {
    if model.bert.virtual_tokens() > 0 {
        return None;
    }
    let mut model = model.clone();
    for (_, dense) in model.dense_layers() {
        if let Some(pair) = dense.low_rank.take() {
            dense.weight = Param::from_tensor(pair.merged(dense.weight.val()));
        }
    }
    Some(model)
}
