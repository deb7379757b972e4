//! Logits of the masked-LM head over the vocabulary.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    forms::MatmulEpilogue,
    matmul::{Matmul, Stride},
    shader::{empty, read},
};
use crate::kernels::ops::{decoder_logits::DecoderLogitsKernel, matmul::Transposed};

impl DecoderLogitsKernel for Cube {
    /// x · tableᵀ + bias.
    fn decoder_logits(x: CubeTensor, table: CubeTensor, bias: CubeTensor) -> CubeTensor {
        let [x, table, bias] = [x, table, bias].map(into_contiguous);
        let ([rows, depth], [columns, _]) = (x.shape().dims(), table.shape().dims());
        let output = empty(&x, [rows, columns]);
        Matmul {
            rows,
            columns,
            depth,
            heads: 1,
            batch: 1,
            transposed: Some(Transposed::Right),
            left: (&x, Stride::matrix(depth)),
            right: (&table, Stride::matrix(depth)),
            output: (&output, Stride::matrix(columns)),
        }
        .run(MatmulEpilogue::Bias, vec![read(&bias)]);
        output
    }
}
