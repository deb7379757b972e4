//! Hidden states to one vector a text.

use burn::tensor::Tensor;

use super::{config::Pooling, input::Input, parameters::Dense};
use crate::kernels::{Activation, Dropout, Pool, pool};

/// BERT's pooler, tanh(W h₀ + b) of the first token's state (Devlin et al. 2019), or the mean or the largest value over
/// real tokens (Reimers and Gurevych 2019, section 3). Without a pooler, `cls` is the mean.
///
/// # Shapes
/// - hidden_states: `[batch * seq_len, hidden]`
/// - output: `[batch, hidden]`
pub fn pooled(
    hidden_states: Tensor<2>,
    input: &Input,
    pooling: Pooling,
    pooler: Option<&Dense>,
    dropout: &Dropout,
) -> Tensor<2> {
    match (pooling, pooler) {
        (Pooling::Cls, Some(pooler)) => {
            let first = pool(hidden_states, &input.mask, Pool::First);
            pooler.forward(first, Activation::Tanh, dropout)
        }
        (Pooling::Max, _) => pool(hidden_states, &input.mask, Pool::Max),
        (Pooling::Mean | Pooling::Cls, _) => pool(hidden_states, &input.mask, Pool::Mean),
    }
}
