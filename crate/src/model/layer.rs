//! One encoder layer: attention and feed-forward, each with a residual and LayerNorm after it.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    architecture::Architecture,
    attention::BertAttention,
    config::{Activation, BertConfig},
    parameters::{Dense, LayerNorm},
    peft_layers::Bottleneck,
};
use crate::kernels::{self, Dropout};

/// A post-norm transformer layer, as in the original BERT.
#[derive(Module, Debug)]
pub struct BertLayer {
    pub(super) attention: BertAttention,
    attention_adapter: Option<Bottleneck>,
    attention_norm: LayerNorm,
    pub(super) intermediate: Dense,
    pub(super) output: Dense,
    output_adapter: Option<Bottleneck>,
    output_norm: LayerNorm,
    #[module(skip)]
    activation: kernels::Activation,
    #[module(skip)]
    encoder: &'static Architecture,
}

impl BertLayer {
    pub(crate) fn init(config: &BertConfig, device: &Device) -> Self {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let norm = || LayerNorm::init(hidden, config.layer_norm_eps, device);
        Self {
            attention: BertAttention::init(config, device),
            attention_adapter: None,
            attention_norm: norm(),
            intermediate: Dense::init(hidden, wide, device),
            output: Dense::init(wide, hidden, device),
            output_adapter: None,
            output_norm: norm(),
            activation: activation(config),
            encoder: config.encoder,
        }
    }

    /// Adds the layer's two bottlenecks of width `size`, their values uninitialized.
    pub(super) fn add_adapters(&mut self, size: usize, device: &Device) {
        let [hidden, _] = self.intermediate.weight.lazy_shape().dims();
        let bottleneck = || Some(Bottleneck::init(hidden, size, device));
        (self.attention_adapter, self.output_adapter) = (bottleneck(), bottleneck());
    }

    pub(super) fn bottleneck_size(&self) -> Option<usize> {
        let adapter = self.attention_adapter.as_ref()?;
        Some(adapter.down.bias.lazy_shape().dims::<1>()[0])
    }

    /// The dense layers by the encoder's own names, without `weight`, in the order of the module's visit. `index` is the
    /// layer's own.
    pub(super) fn dense_layers(&self, index: usize) -> [(String, &Dense); 6] {
        let attention = &self.attention;
        let layers = [
            &attention.query,
            &attention.key,
            &attention.value,
            &attention.output,
            &self.intermediate,
            &self.output,
        ];
        let name = |place: usize| dense_name(self.encoder, index, DENSE_NAMES[place]);
        std::array::from_fn(|place| (name(place), layers[place]))
    }

    /// The same, to be changed.
    pub(super) fn dense_layers_mut(&mut self, index: usize) -> [(String, &mut Dense); 6] {
        let attention = &mut self.attention;
        let layers = [
            &mut attention.query,
            &mut attention.key,
            &mut attention.value,
            &mut attention.output,
            &mut self.intermediate,
            &mut self.output,
        ];
        let (mut names, encoder) = (DENSE_NAMES.into_iter(), self.encoder);
        layers.map(|dense| (dense_name(encoder, index, names.next().unwrap_or_default()), dense))
    }

    /// x = LayerNorm(x + attention(x)); x = LayerNorm(x + W₂ act(W₁ x)).
    ///
    /// # Shapes
    /// - hidden_states, output: `[batch * seq_len, hidden]`
    /// - score_bias: `[batch, seq_len]`
    /// - distance_bias: `[2 * seq_len - 1, heads]`
    pub fn forward(
        &self,
        hidden_states: Tensor<2>,
        score_bias: &Tensor<2>,
        distance_bias: Option<&Tensor<2>>,
        dropout: &Dropout,
    ) -> Tensor<2> {
        let mask = || dropout.mask(dropout.hidden);
        let adapted = |states: Tensor<2>, adapter: &Option<Bottleneck>| match adapter {
            None => states,
            Some(adapter) => adapter.forward(states, self.activation, dropout),
        };
        let attention = &self.attention;
        let attended = attention.forward(hidden_states.clone(), score_bias, distance_bias, dropout);
        let attended = adapted(attended, &self.attention_adapter);
        let attention_mask = match self.encoder.drops_attention_output {
            true => mask(),
            false => kernels::Mask::NONE,
        };
        let hidden_states = self.attention_norm.forward(attended, hidden_states, attention_mask);
        let wide = self
            .intermediate
            .forward(hidden_states.clone(), self.activation, dropout);
        let narrow = self.output.forward(wide, kernels::Activation::Identity, dropout);
        let narrow = adapted(narrow, &self.output_adapter);
        self.output_norm.forward(narrow, hidden_states, mask())
    }
}

/// BERT's names of a layer's dense layers.
const DENSE_NAMES: [&str; 6] = [
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
];

fn dense_name(encoder: &Architecture, layer: usize, name: &str) -> String {
    encoder.own_name(&format!("bert.encoder.layer.{layer}.{name}"))
}

/// The activation of the feed-forward block, and of the masked-LM head's dense layer.
pub(super) fn activation(config: &BertConfig) -> kernels::Activation {
    match config.hidden_act {
        Activation::Gelu => kernels::Activation::Gelu,
        Activation::GeluNew => kernels::Activation::GeluNew,
        Activation::Relu => kernels::Activation::Relu,
        Activation::Silu => kernels::Activation::Silu,
        Activation::Tanh => kernels::Activation::Tanh,
    }
}
