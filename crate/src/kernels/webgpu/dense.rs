//! A dense layer: a matrix product that ends with a bias and an activation.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    forms::MatmulEpilogue,
    matmul::{Matmul, Stride},
    shader::{empty, read, write},
};
use crate::kernels::ops::{activation::Activation, dense::DenseKernel};

impl DenseKernel for Cube {
    /// activation(x · weight + bias) and, where `with_grad`, the activation's derivative there.
    fn dense(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        activation: Activation,
        with_grad: bool,
    ) -> (CubeTensor, Option<CubeTensor>) {
        let [x, weight, bias] = [x, weight, bias].map(into_contiguous);
        let ([rows, depth], [_, columns]) = (x.shape().dims(), weight.shape().dims());
        let output = empty(&x, [rows, columns]);
        let epilogue = epilogue(activation, with_grad);
        // The identity has no derivative worth a buffer.
        let grad = (with_grad && activation != Activation::Identity).then(|| empty(&x, [rows, columns]));
        let mut buffers = vec![read(&bias)];
        buffers.extend(grad.as_ref().map(write));
        Matmul {
            rows,
            columns,
            depth,
            heads: 1,
            batch: 1,
            transposed: None,
            left: (&x, Stride::matrix(depth)),
            right: (&weight, Stride::matrix(columns)),
            output: (&output, Stride::matrix(columns)),
        }
        .run(epilogue, buffers);
        (output, grad)
    }
}

fn epilogue(activation: Activation, with_grad: bool) -> MatmulEpilogue {
    match (activation, with_grad) {
        (Activation::Identity, _) => MatmulEpilogue::Bias,
        (Activation::Gelu, false) => MatmulEpilogue::Gelu,
        (Activation::Gelu, true) => MatmulEpilogue::GeluGrad,
        (Activation::GeluNew, false) => MatmulEpilogue::GeluNew,
        (Activation::GeluNew, true) => MatmulEpilogue::GeluNewGrad,
        (Activation::Relu, false) => MatmulEpilogue::Relu,
        (Activation::Relu, true) => MatmulEpilogue::ReluGrad,
        (Activation::Tanh, false) => MatmulEpilogue::Tanh,
        (Activation::Tanh, true) => MatmulEpilogue::TanhGrad,
        (Activation::Silu, false) => MatmulEpilogue::Silu,
        (Activation::Silu, true) => MatmulEpilogue::SiluGrad,
    }
}
