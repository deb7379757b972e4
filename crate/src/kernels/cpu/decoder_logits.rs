//! Logits of the masked-LM decoder, on the CPU.

use burn::backend::Flex;
use burn_flex::FlexTensor;

use super::{
    matmul::{Accumulate, matmul_tensor, matrix},
    tensor::values,
};
use crate::kernels::ops::decoder_logits::DecoderLogitsKernel;

impl DecoderLogitsKernel for Flex {
    fn decoder_logits(x: FlexTensor, table: FlexTensor, bias: FlexTensor) -> FlexTensor {
        let [x, table, bias] = [x, table, bias].map(|input| input.to_contiguous());
        matmul_tensor(matrix(&x), matrix(&table).transposed(), Accumulate::Row(values(&bias)))
    }
}
