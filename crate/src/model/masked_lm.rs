//! BERT's masked-language-model head: the states of chosen tokens to a score for each word of the vocabulary.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    config::BertConfig,
    layer::activation,
    parameters::{Dense, LayerNorm, unfilled},
};
use crate::kernels::{self, Dropout, Mask};

/// Devlin et al. 2019, section 3.1, as transformers' `BertLMPredictionHead`: a dense layer with the encoder's activation,
/// LayerNorm, and a product with the word embeddings, which it shares with the encoder (Press and Wolf 2017).
#[derive(Module, Debug)]
pub struct MaskedLmHead {
    dense: Dense,
    norm: LayerNorm,
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: kernels::Activation,
}

impl MaskedLmHead {
    /// The head's shape, its parameters not yet made.
    pub fn init(config: &BertConfig, device: &Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            dense: Dense::init(hidden, hidden, device),
            norm: LayerNorm::init(hidden, config.layer_norm_eps, device),
            bias: unfilled([config.vocab_size], device),
            activation: activation(config),
        }
    }

    /// LayerNorm(act(x W + b)) · tableᵀ + bias.
    ///
    /// # Shapes
    /// - states: `[places, hidden]`
    /// - words: `[vocab, hidden]`
    /// - output: `[places, vocab]`
    pub fn forward(&self, states: Tensor<2>, words: Tensor<2>, dropout: &Dropout) -> Tensor<2> {
        let transformed = self.dense.forward(states, self.activation, dropout);
        let nothing = Tensor::zeros(transformed.dims(), &transformed.device());
        let normalized = self.norm.forward(transformed, nothing, Mask::NONE);
        kernels::tied(normalized, words, self.bias.val())
    }
}
