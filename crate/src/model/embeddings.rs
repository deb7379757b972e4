//! Word, position and segment embeddings, summed and normalized.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    config::BertConfig,
    input::Input,
    parameters::{Embedding, LayerNorm},
};
use crate::{
    device::whole_numbers,
    kernels::{Dropout, Mask, embed, gather_rows, prepend},
};

/// Devlin et al. 2019, section 3, figure 2.
#[derive(Module, Debug)]
pub struct BertEmbeddings {
    pub(super) word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    layer_norm: LayerNorm,
    /// A soft prompt, `[virtual tokens, hidden]` (Lester et al. 2021, section 2).
    pub(super) prompt: Option<Param<Tensor<2>>>,
}

impl BertEmbeddings {
    pub(super) fn init(config: &BertConfig, device: &Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            word_embeddings: Embedding::init(config.vocab_size, hidden, device),
            position_embeddings: Embedding::init(config.max_position_embeddings, hidden, device),
            token_type_embeddings: Embedding::init(config.type_vocab_size, hidden, device),
            layer_norm: LayerNorm::init(hidden, config.layer_norm_eps, device),
            prompt: None,
        }
    }

    /// LayerNorm(word + position + segment), then dropout. A soft prompt is in front of each text, on the first
    /// positions and in segment 0. The text starts after it and after `position_offset` positions of prefix tuning's
    /// virtual tokens.
    ///
    /// # Shapes
    /// - output: `[batch * (virtual tokens + seq_len), hidden]`
    pub fn forward(&self, input: &Input, position_offset: usize, dropout: &Dropout) -> Tensor<2> {
        let [words, positions, types] = [
            &self.word_embeddings,
            &self.position_embeddings,
            &self.token_type_embeddings,
        ]
        .map(|table| table.weight.val());
        let [batch, seq_len] = input.mask.dims();
        let prompt = self.prompt.as_ref().map(Param::val);
        let offset = position_offset + prompt.as_ref().map_or(0, |prompt| prompt.dims()[0]);
        let places = match offset {
            0 => positions.clone(),
            _ => gather_rows(positions.clone(), (offset as u32..positions.dims()[0] as u32).collect()),
        };
        let (ids, type_ids) = (input.input_ids.clone(), input.token_type_ids.clone());
        let mut sums = embed([words, places, types.clone()], ids, type_ids, seq_len);
        if let Some(prompt) = prompt {
            let [count, _] = prompt.dims();
            let ids = whole_numbers((0..count as i32).collect(), &sums.device());
            let first_type = whole_numbers(vec![0; count], &sums.device());
            let prompt = embed([prompt, positions, types], ids, first_type, count);
            sums = prepend(prompt, sums, batch);
        }
        let nothing = Tensor::zeros(sums.dims(), &sums.device());
        let normalized = self.layer_norm.forward(sums, nothing, Mask::NONE);
        dropout.apply(normalized, dropout.hidden)
    }
}
