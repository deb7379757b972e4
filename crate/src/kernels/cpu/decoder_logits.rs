//! Logits of the masked-LM decoder, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;

use super::{
    int8_rows::Int8Rows,
    matmul::{Accumulate, Matrix, matmul, matmul_tensor, matrix},
    store::{Stored, rows, stored},
    tensor::{tensor, values},
};
use crate::kernels::ops::decoder_logits::DecoderLogitsKernel;

/// Rows of a table of whole numbers that are f32 at one time.
const BLOCK_ROWS: usize = 2048;

impl DecoderLogitsKernel for Flex {
    fn decoder_logits(x: FlexTensor, table: FlexTensor, bias: FlexTensor) -> FlexTensor {
        let [x, bias] = [x, bias].map(|input| input.to_contiguous());
        if let Stored::Int8Rows(whole) = stored(&table) {
            let shape = [x.shape()[0], table.shape()[0]];
            return tensor(by_blocks(matrix(&x), whole, values(&bias)), shape);
        }
        let table = rows(table);
        matmul_tensor(matrix(&x), matrix(&table).transposed(), Accumulate::Row(values(&bias)))
    }
}

/// x · tableᵀ + bias, some rows of the table after the others.
fn by_blocks(x: Matrix, table: Int8Rows, bias: &[f32]) -> Vec<f32> {
    let vocab = bias.len();
    let mut logits = vec![0.0; x.rows * vocab];
    for first in (0..vocab).step_by(BLOCK_ROWS) {
        let block = first..vocab.min(first + BLOCK_ROWS);
        let values = table.rows(block.clone());
        let rows = Matrix::rows_of(&values, block.len(), x.columns, x.columns);
        let row = Accumulate::Row(&bias[block]);
        matmul(x, rows.transposed(), row, &mut logits[first..], vocab);
    }
    logits
}
