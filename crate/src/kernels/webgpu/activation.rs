//! An activation by itself, as it stands where a low-rank pair is added before it.

use burn::backend::Cube;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    forms,
    shader::{by_elements, count, empty_like, launch, read, width, write},
};
use crate::kernels::ops::activation::{Activation, ActivationKernel};

impl ActivationKernel for Cube {
    /// The activation of each element and, where `with_grad`, its derivative there. The shader writes both in any case.
    fn activation(x: CubeTensor, activation: Activation, with_grad: bool) -> (CubeTensor, Option<CubeTensor>) {
        let formula = match activation {
            Activation::Identity => return (x, None),
            Activation::Gelu => forms::Activation::Gelu,
            Activation::GeluNew => forms::Activation::GeluNew,
            Activation::Relu => forms::Activation::Relu,
            Activation::Tanh => forms::Activation::Tanh,
            Activation::Silu => forms::Activation::Silu,
        };
        let x = into_contiguous(x);
        let (output, grad) = (empty_like(&x), empty_like(&x));
        let (width, elements) = width(count(&x));
        let values = count(&x) / elements;
        launch! {
            "activation/activation" { Width: width, Activation: formula },
            client: &x.client,
            workgroups: by_elements(values),
            buffers: { x: read(&x), output: write(&output), grad: write(&grad) },
            uniforms: { count: values },
        }
        (output, with_grad.then_some(grad))
    }
}
