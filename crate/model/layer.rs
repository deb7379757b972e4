//! One encoder layer: attention and feed-forward, each with a residual and LayerNorm after it.

use burn::{
    module::Module,
    nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig},
    tensor::{Device, Tensor, activation::relu},
};

use super::attention::BertAttention;
use crate::{
    checkpoint::{Activation, BertConfig},
    kernels::{Dropout, gelu, gelu_new},
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
        }
    }

    /// x = LayerNorm(x + attention(x)); x = LayerNorm(x + W₂ act(W₁ x)).
    ///
    /// # Shapes
    /// - hidden_states, output: `[batch, seq_len, hidden]`
    /// - score_bias: `[batch, 1, 1, seq_len]`
    pub fn forward(&self, hidden_states: Tensor<3>, score_bias: Option<&Tensor<4>>, dropout: &Dropout) -> Tensor<3> {
        let attended = self.attention.forward(hidden_states.clone(), score_bias, dropout);
        let hidden_states = self
            .attention_norm
            .forward(dropout.apply(attended, dropout.hidden) + hidden_states);
        let wide = self.intermediate.forward(hidden_states.clone());
        let wide = match self.activation {
            Activation::Gelu => gelu(wide),
            Activation::GeluNew => gelu_new(wide),
            Activation::Relu => relu(wide),
        };
        let narrow = dropout.apply(self.output.forward(wide), dropout.hidden);
        self.output_norm.forward(narrow + hidden_states)
    }
}
