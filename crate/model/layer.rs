//! One encoder layer: attention and feed-forward, each with a residual and LayerNorm after it.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    attention::BertAttention,
    parameters::{Dense, LayerNorm},
};
use crate::{
    checkpoint::{Activation, BertConfig},
    kernels::{self, Dropout},
};

/// A post-norm transformer layer, as the original BERT has it.
#[derive(Module, Debug)]
pub struct BertLayer {
    attention: BertAttention,
    attention_norm: LayerNorm,
    intermediate: Dense,
    output: Dense,
    output_norm: LayerNorm,
    #[module(skip)]
    activation: kernels::Activation,
}

impl BertLayer {
    pub(super) fn init(config: &BertConfig, device: &Device) -> Self {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let norm = || LayerNorm::init(hidden, config.layer_norm_eps, device);
        Self {
            attention: BertAttention::init(config, device),
            attention_norm: norm(),
            intermediate: Dense::init(hidden, wide, device),
            output: Dense::init(wide, hidden, device),
            output_norm: norm(),
            activation: activation(config),
        }
    }

    /// x = LayerNorm(x + attention(x)); x = LayerNorm(x + W₂ act(W₁ x)).
    ///
    /// # Shapes
    /// - hidden_states, output: `[batch * seq_len, hidden]`
    /// - score_bias: `[batch, seq_len]`
    pub fn forward(&self, hidden_states: Tensor<2>, score_bias: &Tensor<2>, dropout: &Dropout) -> Tensor<2> {
        let mask = || dropout.mask(dropout.hidden);
        let attended = self.attention.forward(hidden_states.clone(), score_bias, dropout);
        let hidden_states = self.attention_norm.forward(attended, hidden_states, mask());
        let wide = self.intermediate.forward(hidden_states.clone(), self.activation);
        let narrow = self.output.forward(wide, kernels::Activation::Identity);
        self.output_norm.forward(narrow, hidden_states, mask())
    }
}

/// The element-wise function of the feed-forward block, and of the masked-LM head's dense layer.
pub(super) fn activation(config: &BertConfig) -> kernels::Activation {
    match config.hidden_act {
        Activation::Gelu => kernels::Activation::Gelu,
        Activation::GeluNew => kernels::Activation::GeluNew,
        Activation::Relu => kernels::Activation::Relu,
    }
}
