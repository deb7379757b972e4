//! The masked-LM head: from the states of chosen tokens to logits over the vocabulary.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    config::BertConfig,
    layer::activation,
    parameters::{Dense, LayerNorm, uninitialized},
};
use crate::kernels::{self, Dropout, Mask};

/// Devlin et al. 2019, section 3.1, as transformers' `BertLMPredictionHead`: a dense layer with the encoder's
/// activation, LayerNorm, and a decoder whose weight is tied to the word embeddings (Press and Wolf 2017).
#[derive(Module, Debug)]
pub struct MaskedLmHead {
    dense: Dense,
    norm: LayerNorm,
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: kernels::Activation,
}

impl MaskedLmHead {
    /// The head's structure, its parameters uninitialized.
    pub fn init(config: &BertConfig, device: &Device) -> Self {
        let width = config.embedding_size.unwrap_or(config.hidden_size);
        Self {
            dense: Dense::init(config.hidden_size, width, device),
            norm: LayerNorm::init(width, config.layer_norm_eps, device),
            bias: uninitialized([config.vocab_size], device),
            activation: config.encoder.masked_lm_activation.unwrap_or(activation(config)),
        }
    }

    /// The bias of each token, `[vocab]`.
    pub fn bias(&self) -> Tensor<1> {
        self.bias.val()
    }

    /// The head with the biases of another vocabulary.
    pub fn with_bias(mut self, bias: Tensor<1>) -> Self {
        self.bias = Param::from_tensor(bias);
        self
    }

    /// LayerNorm(act(x W + b)) · word_embeddingsᵀ + bias.
    ///
    /// # Shapes
    /// - states: `[places, hidden]`
    /// - word_embeddings: `[vocab, embedding]`
    /// - output: `[places, vocab]`
    pub fn forward(&self, states: Tensor<2>, word_embeddings: Tensor<2>, dropout: &Dropout) -> Tensor<2> {
        let transformed = self.dense.forward(states, self.activation, dropout);
        let nothing = Tensor::zeros(transformed.dims(), &transformed.device());
        let normalized = self.norm.forward(transformed, nothing, Mask::NONE);
        kernels::decoder_logits(normalized, word_embeddings, self.bias.val())
    }
}
