//! A padded batch as tensors on the device.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::text::Batch;

/// Added to the attention score of a padded key: its weight becomes exactly 0, and no infinity is used,
/// which a shader may assume away.
const MASKED_SCORE: f32 = -1e9;

/// The tensors that the model reads.
pub struct Input {
    /// Vocabulary indices, `[batch, seq_len]`.
    pub input_ids: Tensor<2, Int>,
    /// Segments, `[batch, seq_len]`.
    pub token_type_ids: Tensor<2, Int>,
    /// What is added to attention scores, `[batch, 1, 1, seq_len]`.
    pub score_bias: Tensor<4>,
    /// 1 for a real token, 0 for padding, `[batch, seq_len, 1]`.
    pub mask: Tensor<3>,
}

impl Input {
    /// Uploads a batch.
    pub fn new(batch: &Batch, device: &Device) -> Self {
        let shape = [batch.batch, batch.seq_len];
        let floats = |of: fn(u8) -> f32| batch.attention_mask.iter().map(|&mask| of(mask)).collect::<Vec<_>>();
        let mask = TensorData::new(floats(f32::from), [shape[0], shape[1], 1]);
        let score_bias = floats(|mask| if mask == 1 { 0.0 } else { MASKED_SCORE });
        Self {
            input_ids: Tensor::from_data(TensorData::new(batch.input_ids.clone(), shape), device),
            token_type_ids: Tensor::from_data(TensorData::new(batch.token_type_ids.clone(), shape), device),
            score_bias: Tensor::from_data(TensorData::new(score_bias, [shape[0], 1, 1, shape[1]]), device),
            mask: Tensor::from_data(mask, device),
        }
    }
}
