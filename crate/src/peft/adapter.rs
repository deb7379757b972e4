//! An adapter apart from any model: its configuration, its head and its weights.

use burn::tensor::Tensor;

use super::config::AdapterConfig;

/// An adapter apart from any model.
#[derive(Debug, Clone)]
pub struct Adapter {
    /// What kind it is, with its numbers.
    pub config: AdapterConfig,
    /// Labels of its head, in order.
    pub labels: Vec<String>,
    /// From which score on a label is predicted, where rows may have several and it is known.
    pub threshold: Option<f64>,
    /// Its head's weight, `[hidden, labels]`, and bias, `[labels]`.
    pub head: (Tensor<2>, Tensor<1>),
    /// Its own numbers.
    pub parts: Parts,
}

/// The numbers of an adapter, as the model keeps them.
#[derive(Debug, Clone)]
pub enum Parts {
    /// Of LoRA and AdaLoRA: for each dense layer, by its name, a, b and e.
    LowRank(Vec<(String, Tensor<2>, Tensor<2>, Option<Tensor<2>>)>),
    /// A soft prompt, `[virtual tokens, hidden]`.
    Prompt(Box<Tensor<2>>),
    /// Keys and values of each layer, `[virtual tokens, hidden]`.
    Prefix(Vec<[Tensor<2>; 2]>),
}
