//! Multi-head self-attention.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{
    checkpoint::BertConfig,
    kernels::{Dropout, attention_weights},
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
    pub fn forward(
        &self,
        hidden_states: Tensor<2>,
        shape: [usize; 2],
        score_bias: &Tensor<4>,
        dropout: &Dropout,
    ) -> Tensor<2> {
        let [rows, hidden] = hidden_states.dims();
        let [batch, seq_len] = shape;
        let head_dim = hidden / self.heads;
        let split = |dense: &Linear| {
            let projected = dense.forward(hidden_states.clone());
            projected
                .reshape([batch, seq_len, self.heads, head_dim])
                .swap_dims(1, 2)
        };
        let scores = split(&self.query).matmul(split(&self.key).swap_dims(2, 3));
        let scale = 1.0 / (head_dim as f64).sqrt();
        let weights = attention_weights(scores, score_bias, scale, dropout.mask(dropout.attention));
        let context = weights.matmul(split(&self.value)).swap_dims(1, 2);
        self.output.forward(context.reshape([rows, hidden]))
    }
}
