//! The adapter that is on, and what the model is without it.

use burn::tensor::Tensor;

use crate::peft::AdapterConfig;

/// The adapter that is on, and what the model has without it.
#[derive(Debug, Clone)]
pub(super) struct Active {
    pub name: String,
    pub config: AdapterConfig,
    /// Weight and bias of the model's own head, if it has any.
    pub head: Option<(Tensor<2>, Tensor<1>)>,
    pub labels: Vec<String>,
    pub threshold: Option<f64>,
}
