//! Hidden states to one vector a text.

use burn::tensor::Tensor;

use super::{config::Pooling, input::Input, parameters::Dense};
use crate::kernels::{Activation, Dropout, Pool, pool};

/// Pooled states: BERT's pooler, tanh(W h₀ + b) of the first token's state (Devlin et al. 2019); that state itself, or the
/// mean or the maximum over real tokens (Reimers and Gurevych 2019, section 3).
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
    let kind = match pooling {
        Pooling::Pooler | Pooling::Cls => Pool::First,
        Pooling::Mean => Pool::Mean,
        Pooling::Max => Pool::Max,
    };
    let states = pool(hidden_states, &input.mask, kind);
    match pooling {
        Pooling::Pooler => {
            let pooler = pooler.expect("a model with this pooling has a pooler");
            pooler.forward(states, Activation::Tanh, dropout)
        }
        Pooling::Cls | Pooling::Mean | Pooling::Max => states,
    }
}
