//! A dense layer with its activation, on the CPU.

use burn::backend::Flex;
use burn_flex::FlexTensor;

use super::{
    matmul::{Accumulate, matmul_tensor, matrix},
    tensor::values,
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
        let [x, weight, bias] = [x, weight, bias].map(|input| input.to_contiguous());
        let y = matmul_tensor(matrix(&x), matrix(&weight), Accumulate::Row(values(&bias)));
        Self::activation(y, activation, with_activation_grad)
    }
}
