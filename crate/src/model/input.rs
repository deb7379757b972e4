//! A padded batch as tensors on the device.

use burn::tensor::{Device, Int, Tensor};

use crate::{
    device::{floats, whole_numbers},
    text::Batch,
};

/// Added to the attention score of a padded key, whose weight then is exactly 0. Not -infinity: a shader may assume
/// that infinities do not exist.
const MASKED_SCORE: f32 = -1e9;

/// The model's input: a padded batch on the device.
#[derive(Clone)]
pub struct Input {
    /// Vocabulary indices, `[batch * seq_len]`.
    pub input_ids: Tensor<1, Int>,
    /// Segments, `[batch * seq_len]`.
    pub token_type_ids: Tensor<1, Int>,
    /// Added to attention scores, `[batch, seq_len]`.
    pub score_bias: Tensor<2>,
    /// 1 for a real token, 0 for padding, `[batch, seq_len]`.
    pub mask: Tensor<2>,
    /// The mask before the upload.
    attention_mask: Vec<u8>,
    /// As [`Batch::places`], before the upload: most encoders need none.
    pub(super) places: Vec<i32>,
}

impl Input {
    /// Uploads a batch.
    pub fn new(batch: &Batch, device: &Device) -> Self {
        let shape = [batch.batch, batch.seq_len];
        Self {
            input_ids: whole_numbers(batch.input_ids.clone(), device),
            token_type_ids: whole_numbers(batch.token_type_ids.clone(), device),
            score_bias: score_bias(&batch.attention_mask, shape, device),
            mask: mask(&batch.attention_mask, shape, device),
            attention_mask: batch.attention_mask.clone(),
            places: batch.places.clone(),
        }
    }

    /// The input with virtual tokens in front of each text: a prompt's have hidden states, a prefix' have keys and
    /// values alone.
    pub(super) fn with_virtual_tokens(&self, prompt: usize, prefix: usize) -> Self {
        let mut input = self.clone();
        let ([batch, seq_len], device) = (self.mask.dims(), self.mask.device());
        let extended = |tokens: usize| -> Vec<u8> {
            let texts = self.attention_mask.chunks_exact(seq_len);
            texts
                .flat_map(|text| std::iter::repeat_n(&1, tokens).chain(text))
                .copied()
                .collect()
        };
        if prompt > 0 {
            input.mask = mask(&extended(prompt), [batch, prompt + seq_len], &device);
        }
        if prompt + prefix > 0 {
            let shape = [batch, prompt + prefix + seq_len];
            input.score_bias = score_bias(&extended(prompt + prefix), shape, &device);
        }
        input
    }
}

fn mask(attention_mask: &[u8], shape: [usize; 2], device: &Device) -> Tensor<2> {
    floats(
        attention_mask.iter().map(|&mask| f32::from(mask)).collect(),
        shape,
        device,
    )
}

fn score_bias(attention_mask: &[u8], shape: [usize; 2], device: &Device) -> Tensor<2> {
    let of = |&mask: &u8| if mask == 1 { 0.0 } else { MASKED_SCORE };
    floats(attention_mask.iter().map(of).collect(), shape, device)
}
