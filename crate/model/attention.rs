//! Multi-head self-attention.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor, activation::softmax},
};

use crate::{checkpoint::BertConfig, kernels::Dropout};

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
    /// - hidden_states: `[batch, seq_len, hidden]`
    /// - score_bias: `[batch, 1, 1, seq_len]`
    /// - output: `[batch, seq_len, hidden]`
    pub fn forward(&self, hidden_states: Tensor<3>, score_bias: Option<&Tensor<4>>, dropout: &Dropout) -> Tensor<3> {
        let [batch, seq_len, hidden] = hidden_states.dims();
        let head_dim = hidden / self.heads;
        let split = |dense: &Linear| {
            let projected = dense.forward(hidden_states.clone());
            projected
                .reshape([batch, seq_len, self.heads, head_dim])
                .swap_dims(1, 2)
        };
        // Scaling the query costs seq_len / head_dim times less than scaling the scores.
        let query = split(&self.query) / (head_dim as f64).sqrt();
        let scores = query.matmul(split(&self.key).swap_dims(2, 3));
        let scores = match score_bias {
            Some(bias) => scores + bias.clone(),
            None => scores,
        };
        let weights = dropout.apply(softmax(scores, 3), dropout.attention);
        let context = weights.matmul(split(&self.value)).swap_dims(1, 2);
        self.output.forward(context.reshape([batch, seq_len, hidden]))
    }
}
