//! Multi-head self-attention.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{
    checkpoint::BertConfig,
    kernels::{Dropout, attention, linear},
};

/// Vaswani et al. 2017, section 3.2: every token attends to every real token of its row.
#[derive(Module, Debug)]
pub struct BertAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    #[module(skip)]
    heads: usize,
}

impl BertAttention {
    pub(super) fn init(config: &BertConfig, device: &Device) -> Self {
        let hidden = config.hidden_size;
        let dense = || LinearConfig::new(hidden, hidden).init(device);
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
    /// - score_bias: `[batch, 1, 1, seq_len]`
    pub fn forward(&self, hidden_states: Tensor<2>, score_bias: &Tensor<4>, dropout: &Dropout) -> Tensor<2> {
        let projected = |dense| linear(hidden_states.clone(), dense);
        let context = attention(
            projected(&self.query),
            projected(&self.key),
            projected(&self.value),
            score_bias,
            self.heads,
            dropout.mask(dropout.attention),
        );
        linear(context, &self.output)
    }
}
