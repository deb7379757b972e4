//! The adapter that is on, with the base model's head, labels and threshold.

use burn::tensor::Tensor;

use crate::{model::Pooling, peft::AdapterConfig};

/// The adapter that is on, and the head, labels, threshold and pooling that the model has without it.
#[derive(Debug, Clone)]
pub(super) struct ActiveAdapter {
    pub name: String,
    pub config: AdapterConfig,
    /// Weight and bias of the base model's head, if it has one.
    pub head: Option<(Tensor<2>, Tensor<1>)>,
    pub labels: Vec<String>,
    pub threshold: Option<f64>,
    /// Whether the base model's head is untrained.
    pub new_head: bool,
    pub pooling: Pooling,
    /// Weight and bias of the base model's pooler, where the adapter has its own.
    pub pooler: Option<(Tensor<2>, Tensor<1>)>,
}
