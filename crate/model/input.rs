//! A padded batch as tensors on the device.

use burn::tensor::{Device, Int, Tensor};

use crate::{
    device::{floats, whole_numbers},
    text::Batch,
};

/// Added to the attention score of a padded key: its weight becomes exactly 0, and no infinity is used,
/// which a shader may assume away.
const MASKED_SCORE: f32 = -1e9;

/// The tensors that the model reads.
#[derive(Clone)]
pub struct Input {
    /// Vocabulary indices, `[batch * seq_len]`.
    pub input_ids: Tensor<1, Int>,
    /// Segments, `[batch * seq_len]`.
    pub token_type_ids: Tensor<1, Int>,
    /// What is added to attention scores, `[batch, seq_len]`.
    pub score_bias: Tensor<2>,
    /// 1 for a real token, 0 for padding, `[batch, seq_len]`.
    pub mask: Tensor<2>,
}

impl Input {
    /// Uploads a batch.
    pub fn new(batch: &Batch, device: &Device) -> Self {
        let shape = [batch.batch, batch.seq_len];
        let of_mask = |of: fn(u8) -> f32| batch.attention_mask.iter().map(|&mask| of(mask)).collect();
        Self {
            input_ids: whole_numbers(batch.input_ids.clone(), device),
            token_type_ids: whole_numbers(batch.token_type_ids.clone(), device),
            score_bias: floats(
                of_mask(|mask| if mask == 1 { 0.0 } else { MASKED_SCORE }),
                shape,
                device,
            ),
            mask: floats(of_mask(f32::from), shape, device),
        }
    }

    /// The same with virtual tokens in front of each text: `prompt` of them are states like any other, `prefix` are only
    /// attended to.
    pub(super) fn with_virtual_tokens(&self, prompt: usize, prefix: usize) -> Self {
        let mut input = self.clone();
        let ([batch, _], device) = (self.mask.dims(), self.mask.device());
        if prompt > 0 {
            input.mask = Tensor::cat(vec![Tensor::ones([batch, prompt], &device), input.mask], 1);
        }
        if prompt + prefix > 0 {
            let seen = Tensor::zeros([batch, prompt + prefix], &device);
            input.score_bias = Tensor::cat(vec![seen, input.score_bias], 1);
        }
        input
    }
}
