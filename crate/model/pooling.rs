//! Hidden states to one vector a row.

use burn::{nn::Linear, tensor::Tensor};

use crate::kernels::{linear, tanh};

/// Below any hidden state, yet finite: a shader may assume infinity away.
const BELOW_ALL: f32 = -1e30;

/// BERT's pooler: tanh(W h₀ + b) of the first token.
///
/// # Shapes
/// - hidden_states: `[batch, seq_len, hidden]`
/// - output: `[batch, hidden]`
pub fn cls(hidden_states: Tensor<3>, pooler: &Linear) -> Tensor<2> {
    let [batch, _, hidden] = hidden_states.dims();
    let first = hidden_states.narrow(1, 0, 1).reshape([batch, hidden]);
    tanh(linear(first, pooler))
}

/// Mean over real tokens (Reimers and Gurevych 2019, section 3).
///
/// # Shapes
/// - hidden_states: `[batch, seq_len, hidden]`
/// - mask: `[batch, seq_len, 1]`, 1 for a real token
/// - output: `[batch, hidden]`
pub fn mean(hidden_states: Tensor<3>, mask: Tensor<3>) -> Tensor<2> {
    let counts = mask.clone().sum_dim(1);
    ((hidden_states * mask).sum_dim(1) / counts).squeeze_dim(1)
}

/// Largest value over real tokens, for each dimension.
///
/// # Shapes
/// As [`mean`].
pub fn max(hidden_states: Tensor<3>, mask: Tensor<3>) -> Tensor<2> {
    let [batch, seq_len, hidden] = hidden_states.dims();
    let padding = mask.equal_scalar(0.0f32).expand([batch, seq_len, hidden]);
    hidden_states.mask_fill(padding, BELOW_ALL).max_dim(1).squeeze_dim(1)
}
