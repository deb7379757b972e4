//! One encoder layer: attention and feed-forward, each with a residual and LayerNorm after it.

use burn::{
    module::Module,
    nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig},
    tensor::{Device, Tensor, activation::relu},
};

use super::attention::BertAttention;
use crate::{
    checkpoint::{Activation, BertConfig},
    kernels::{Dropout, gelu_new, layer_norm, linear, linear_gelu},
};

/// A post-norm transformer layer, as the original BERT has it.
#[derive(Module, Debug)]
pub struct BertLayer {
    attention: BertAttention,
    attention_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    epsilon: f64,
}

impl BertLayer {
    pub(super) fn init(config: &BertConfig, device: &Device) -> Self {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let norm = || {
            LayerNormConfig::new(hidden)
                .with_epsilon(config.layer_norm_eps)
                .init(device)
        };
        Self {
            attention: BertAttention::init(config, device),
            attention_norm: norm(),
            intermediate: LinearConfig::new(hidden, wide).init(device),
            output: LinearConfig::new(wide, hidden).init(device),
            output_norm: norm(),
            activation: config.hidden_act,
            epsilon: config.layer_norm_eps,
        }
    }

    /// x = LayerNorm(x + attention(x)); x = LayerNorm(x + W₂ act(W₁ x)).
    ///
    /// # Shapes
    /// - hidden_states, output: `[batch * seq_len, hidden]`
    /// - score_bias: `[batch, 1, 1, seq_len]`
    pub fn forward(&self, hidden_states: Tensor<2>, score_bias: &Tensor<4>, dropout: &Dropout) -> Tensor<2> {
        let norm =
            |input, residual, norm| layer_norm(input, residual, norm, self.epsilon, dropout.mask(dropout.hidden));
        let attended = self.attention.forward(hidden_states.clone(), score_bias, dropout);
        let hidden_states = norm(attended, hidden_states, &self.attention_norm);
        let (states, dense) = (hidden_states.clone(), &self.intermediate);
        let wide = match self.activation {
            Activation::Gelu => linear_gelu(states, dense),
            Activation::GeluNew => gelu_new(linear(states, dense)),
            Activation::Relu => relu(linear(states, dense)),
        };
        norm(linear(wide, &self.output), hidden_states, &self.output_norm)
    }
}
