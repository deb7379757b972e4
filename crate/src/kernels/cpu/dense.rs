//! A dense layer with its activation, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;

use super::{
    matmul::{Accumulate, matmul_panels_tensor, matmul_tensor, matrix},
    store::{Stored, rows, stored},
    tensor::{tensor, values},
};
use crate::kernels::ops::{
    activation::{Activation, ActivationKernel},
    dense::DenseKernel,
};

impl DenseKernel for Flex {
    fn dense(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        activation: Activation,
        with_activation_grad: bool,
    ) -> (FlexTensor, Option<FlexTensor>) {
        let [x, bias] = [x, bias].map(|input| input.to_contiguous());
        let (left, row) = (matrix(&x), Accumulate::Row(values(&bias)));
        let y = match stored(&weight) {
            Stored::Panels(panels) => matmul_panels_tensor(left, &panels, row),
            Stored::Int8Panels(panels) => {
                let output = panels.dense(values(&x), values(&bias));
                tensor(output, [x.shape()[0], bias.shape()[0]])
            }
            _ => matmul_tensor(left, matrix(&rows(weight.clone())), row),
        };
        Self::activation(y, activation, with_activation_grad)
    }
}
