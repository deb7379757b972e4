//! Dropout of a tensor.

use burn::backend::Cube;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::shader::{by_elements, count, empty_like, launch, read, width, write};
use crate::kernels::{dropout::Mask, ops::dropout::DropoutKernel};

impl DropoutKernel for Cube {
    /// mask · tensor, of any shape.
    fn apply_dropout(tensor: CubeTensor, mask: Mask) -> CubeTensor {
        match mask.is_none() {
            true => tensor,
            false => copy(&into_contiguous(tensor), mask),
        }
    }
}

/// A tensor that nobody else holds: the tensor itself, or a copy of it.
pub(super) fn owned(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    match tensor.can_mut() {
        true => tensor,
        false => copy(&tensor, Mask::NONE),
    }
}

/// mask · tensor, in a new tensor of the same shape.
fn copy(tensor: &CubeTensor, mask: Mask) -> CubeTensor {
    let output = empty_like(tensor);
    let (width, elements) = width(count(tensor));
    let values = count(tensor) / elements;
    let (key, limit, scale) = mask.numbers();
    launch! {
        "elementwise/apply_dropout" { Width: width, Dropout: super::forms::Dropout::Mask },
        client: &tensor.client,
        workgroups: by_elements(values),
        buffers: { x: read(tensor), output: write(&output) },
        uniforms: { count: values, dropout_key: key, dropout_limit: limit, dropout_scale: scale },
    }
    output
}
