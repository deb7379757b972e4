//! AdamW's step, and its reversal, in place where nobody else holds a tensor.

use burn::backend::Cube;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    dropout::owned,
    shader::{by_elements, count, launch, read, width, write},
};
use crate::kernels::ops::adamw::{AdamWKernel, Factors};

impl AdamWKernel for Cube {
    /// The parameter and its moments after a step, all flat.
    fn adamw(
        parameter: CubeTensor,
        gradient: CubeTensor,
        first: CubeTensor,
        second: CubeTensor,
        factors: Factors,
    ) -> (CubeTensor, CubeTensor, CubeTensor) {
        let gradient = into_contiguous(gradient);
        let [parameter, first, second] = [parameter, first, second].map(owned);
        let (width, elements) = width(count(&parameter));
        let values = count(&parameter) / elements;
        launch! {
            "adamw/adamw" { Width: width },
            client: &parameter.client,
            workgroups: by_elements(values),
            buffers: {
                parameter: write(&parameter),
                first: write(&first),
                second: write(&second),
                gradient: read(&gradient),
            },
            uniforms: {
                count: values,
                keep: factors.keep,
                size: factors.size,
                root_scale: factors.root_scale,
                epsilon: factors.epsilon,
                beta1: factors.beta1,
                beta2: factors.beta2,
                gradient_scale: factors.gradient_scale,
            },
        }
        (parameter, first, second)
    }

    /// The parameter before the step that these factors and the moments after it describe, up to rounding.
    fn adamw_roll_back(parameter: CubeTensor, first: CubeTensor, second: CubeTensor, factors: Factors) -> CubeTensor {
        let parameter = owned(parameter);
        let [first, second] = [first, second].map(into_contiguous);
        let (width, elements) = width(count(&parameter));
        let values = count(&parameter) / elements;
        launch! {
            "adamw/adamw_roll_back" { Width: width },
            client: &parameter.client,
            workgroups: by_elements(values),
            buffers: { parameter: write(&parameter), first: read(&first), second: read(&second) },
            uniforms: {
                count: values,
                keep: factors.keep,
                size: factors.size,
                root_scale: factors.root_scale,
                epsilon: factors.epsilon,
            },
        }
        parameter
    }
}
