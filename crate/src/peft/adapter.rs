//! An adapter apart from any model: its configuration, its head and its weights.

use burn::tensor::Tensor;

use super::config::AdapterConfig;
use crate::model::Pooling;

/// An adapter apart from any model.
#[derive(Debug, Clone)]
pub struct Adapter {
    /// Its method, with the method's settings.
    pub config: AdapterConfig,
    /// Labels of its head, in the order of the logits.
    pub labels: Vec<String>,
    /// Whether a row may have several labels, where it is known.
    pub multi_label: Option<bool>,
    /// Decision threshold; multi-label models only, where it is known.
    pub threshold: Option<f64>,
    /// Pooling of the model that it was trained on, where it is known.
    pub pooling: Option<Pooling>,
    /// Its head's weight, `[hidden, labels]`, and bias, `[labels]`.
    pub head: (Tensor<2>, Tensor<1>),
    /// A pooler of its own, of a file whose `modules_to_save` has one: weight `[hidden, hidden]` and bias `[hidden]`.
    pub pooler: Option<(Tensor<2>, Tensor<1>)>,
    /// Its own weights.
    pub weights: AdapterWeights,
}

/// The weights of an adapter, in the model's layout.
#[derive(Debug, Clone)]
pub enum AdapterWeights {
    /// LoRA's and AdaLoRA's.
    LowRank(Vec<LowRankWeights>),
    /// A soft prompt, `[virtual tokens, hidden]`.
    Prompt(Box<Tensor<2>>),
    /// Key and value of each layer's prefix, `[virtual tokens, hidden]` each.
    Prefix(Vec<[Tensor<2>; 2]>),
}

/// The low-rank pair of one dense layer, or AdaLoRA's triple.
#[derive(Debug, Clone)]
pub struct LowRankWeights {
    /// The dense layer's Hugging Face name, without `weight`.
    pub layer: String,
    /// `[in, rank]`
    pub a: Tensor<2>,
    /// `[rank, out]`
    pub b: Tensor<2>,
    /// AdaLoRA's singular values, `[1, rank]`.
    pub e: Option<Tensor<2>>,
}
