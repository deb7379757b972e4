//! Word, position and segment embeddings, summed and normalized.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    Input,
    parameters::{Embedding, LayerNorm},
};
use crate::{
    checkpoint::BertConfig,
    kernels::{Dropout, Mask, embed},
};

/// Devlin et al. 2019, section 3, figure 2.
#[derive(Module, Debug)]
pub struct BertEmbeddings {
    pub(super) word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    layer_norm: LayerNorm,
}

impl BertEmbeddings {
    pub(super) fn init(config: &BertConfig, device: &Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            word_embeddings: Embedding::init(config.vocab_size, hidden, device),
            position_embeddings: Embedding::init(config.max_position_embeddings, hidden, device),
            token_type_embeddings: Embedding::init(config.type_vocab_size, hidden, device),
            layer_norm: LayerNorm::init(hidden, config.layer_norm_eps, device),
        }
    }

    /// LayerNorm(word + position + segment), then dropout.
    ///
    /// # Shapes
    /// - output: `[batch * seq_len, hidden]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        let tables = [
            &self.word_embeddings,
            &self.position_embeddings,
            &self.token_type_embeddings,
        ];
        let [_, seq_len] = input.mask.dims();
        let sums = embed(
            tables.map(|table| table.weight.val()),
            input.input_ids.clone(),
            input.token_type_ids.clone(),
            seq_len,
        );
        let nothing = Tensor::zeros(sums.dims(), &sums.device());
        let normalized = self.layer_norm.forward(sums, nothing, Mask::NONE);
        dropout.apply(normalized, dropout.hidden)
    }
}
