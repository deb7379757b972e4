//! Multi-head self-attention.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::parameters::Dense;
use crate::{
    checkpoint::BertConfig,
    kernels::{Activation, Dropout, self_attention},
};

/// Vaswani et al. 2017, section 3.2: every token attends to every real token of its row.
#[derive(Module, Debug)]
pub struct BertAttention {
    query: Dense,
    key: Dense,
    value: Dense,
    output: Dense,
    #[module(skip)]
    heads: usize,
}

impl BertAttention {
    pub(super) fn init(config: &BertConfig, device: &Device) -> Self {
        let hidden = config.hidden_size;
        let dense = || Dense::init(hidden, hidden, device);
        Self {
            query: dense(),
            key: dense(),
            value: dense(),
            output: dense(),
            heads: config.num_attention_heads,
        }
    }

    /// Concat over heads of softmax(Q Kᵀ / √head_dim + bias) V, then a dense layer.
    ///
    /// # Shapes
    /// - hidden_states, output: `[batch * seq_len, hidden]`
    /// - score_bias: `[batch, seq_len]`
    pub fn forward(&self, hidden_states: Tensor<2>, score_bias: &Tensor<2>, dropout: &Dropout) -> Tensor<2> {
        let projections = [&self.query, &self.key, &self.value];
        let context = self_attention(
            hidden_states,
            projections.map(|dense| dense.weight.val()),
            projections.map(|dense| dense.bias.val()),
            score_bias,
            self.heads,
            dropout.mask(dropout.attention),
        );
        self.output.forward(context, Activation::Identity)
    }
}
