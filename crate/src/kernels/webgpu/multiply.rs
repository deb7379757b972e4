//! Products of two tensors, element by element.

use burn::backend::Cube;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::shader::{by_elements, count, empty_like, launch, read, width, write};
use crate::kernels::ops::multiply::MultiplyKernel;

impl MultiplyKernel for Cube {
    /// left · right, element by element, of any one shape.
    fn multiply(left: CubeTensor, right: CubeTensor) -> CubeTensor {
        let [left, right] = [left, right].map(into_contiguous);
        let output = empty_like(&left);
        let (width, elements) = width(count(&left));
        let values = count(&left) / elements;
        launch! {
            "elementwise/multiply" { Width: width },
            client: &left.client,
            workgroups: by_elements(values),
            buffers: { x: read(&left), y: read(&right), output: write(&output) },
            uniforms: { count: values },
        }
        output
    }
}
