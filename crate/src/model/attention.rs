//! Multi-head self-attention.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{config::BertConfig, parameters::Dense, peft_layers::Prefix};
use crate::kernels::{Activation, Dropout, attention};

/// Vaswani et al. 2017, section 3.2: every token attends to every real token of its row.
#[derive(Module, Debug)]
pub struct BertAttention {
    pub(super) query: Dense,
    pub(super) key: Dense,
    pub(super) value: Dense,
    pub(super) output: Dense,
    pub(super) prefix: Option<Prefix>,
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
            prefix: None,
            heads: config.num_attention_heads,
        }
    }

    /// Concat over heads of softmax(Q Kᵀ / √head_dim + bias) V, then a dense layer.
    ///
    /// # Shapes
    /// - hidden_states, output: `[batch * seq_len, hidden]`
    /// - score_bias: `[batch, seq_len]`, with a prefix `[batch, virtual tokens + seq_len]`
    /// - distance_bias: `[2 * seq_len - 1, heads]`
    pub fn forward(
        &self,
        hidden_states: Tensor<2>,
        score_bias: &Tensor<2>,
        distance_bias: Option<&Tensor<2>>,
        dropout: &Dropout,
    ) -> Tensor<2> {
        let projections = [&self.query, &self.key, &self.value];
        let states = projections.map(|dense| dense.forward(hidden_states.clone(), Activation::Identity, dropout));
        let mask = dropout.mask(dropout.attention);
        let context = match &self.prefix {
            None => attention(states, score_bias, distance_bias, self.heads, mask),
            Some(prefix) => prefix.attend(states, score_bias, self.heads, mask),
        };
        self.output.forward(context, Activation::Identity, dropout)
    }
}
