//! Hidden states to one vector a text.

use burn::tensor::Tensor;

use super::{architecture::PoolerKind, config::Pooling, input::Input, parameters::Dense};
use crate::kernels::{Dropout, Pool, pool};

/// Pooled states: the pooler, act(W h₀ + b) of the first token's state, in BERT with tanh (Devlin et al. 2019); that state
/// itself, or the mean or the maximum over real tokens (Reimers and Gurevych 2019, section 3).
///
/// # Shapes
/// - hidden_states: `[batch * seq_len, hidden]`
/// - output: `[batch, hidden]`
pub fn pooled(
    hidden_states: Tensor<2>,
    input: &Input,
    pooling: Pooling,
    (pooler, kind): (Option<&Dense>, PoolerKind),
    dropout: &Dropout,
) -> Tensor<2> {
    let rows = match pooling {
        Pooling::Pooler | Pooling::Cls => Pool::First,
        Pooling::Mean => Pool::Mean,
        Pooling::Max => Pool::Max,
    };
    let states = pool(hidden_states, &input.mask, rows);
    match pooling {
        Pooling::Pooler => {
            let pooler = pooler.expect("a model with this pooling has a pooler");
            let states = match kind.drops_input {
                true => dropout.apply(states, dropout.classifier),
                false => states,
            };
            pooler.forward(states, kind.activation, dropout)
        }
        Pooling::Cls | Pooling::Mean | Pooling::Max => states,
    }
}
