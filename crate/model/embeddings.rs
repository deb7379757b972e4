//! Word, position and segment embeddings, summed and normalized.

use burn::{
    module::Module,
    nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig},
    tensor::{Device, Int, Tensor},
};

use super::Input;
use crate::{
    checkpoint::BertConfig,
    kernels::{Dropout, Mask, layer_norm},
};

/// Devlin et al. 2019, section 3, figure 2.
#[derive(Module, Debug)]
pub struct BertEmbeddings {
    pub(super) word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    layer_norm: LayerNorm,
    #[module(skip)]
    epsilon: f64,
}

impl BertEmbeddings {
    pub(super) fn init(config: &BertConfig, device: &Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            word_embeddings: EmbeddingConfig::new(config.vocab_size, hidden).init(device),
            position_embeddings: EmbeddingConfig::new(config.max_position_embeddings, hidden).init(device),
            token_type_embeddings: EmbeddingConfig::new(config.type_vocab_size, hidden).init(device),
            epsilon: config.layer_norm_eps,
            layer_norm: LayerNormConfig::new(hidden)
                .with_epsilon(config.layer_norm_eps)
                .init(device),
        }
    }

    /// LayerNorm(word + position + segment), then dropout.
    ///
    /// # Shapes
    /// - ids: `[batch, seq_len]`
    /// - output: `[batch * seq_len, hidden]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        let [batch, seq_len] = input.input_ids.dims();
        let device = input.input_ids.device();
        let positions = Tensor::<1, Int>::arange(0..seq_len as i64, &device).unsqueeze::<2>();
        let words = self.word_embeddings.forward(input.input_ids.clone());
        let segments = self.token_type_embeddings.forward(input.token_type_ids.clone());
        let others = segments + self.position_embeddings.forward(positions);
        let hidden = words.dims()[2];
        let flat = |states: Tensor<3>| states.reshape([batch * seq_len, hidden]);
        let normalized = layer_norm(flat(words), flat(others), &self.layer_norm, self.epsilon, Mask::NONE);
        dropout.apply(normalized, dropout.hidden)
    }
}
