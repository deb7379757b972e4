//! 16-bit storage to 32-bit floats.

use burn::backend::Cube;
use burn_wgpu::CubeTensor;

use super::{
    forms::StoredWidth,
    shader::{by_elements, count, empty_like, is_f16, launch, read_stored, write},
};
use crate::kernels::ops::to_f32::ToF32Kernel;

impl ToF32Kernel for Cube {
    /// The tensor as 32-bit floats; the tensor itself where it holds them.
    fn to_f32(tensor: CubeTensor) -> CubeTensor {
        if !is_f16(&tensor) {
            return tensor;
        }
        let output = empty_like(&tensor);
        let values = count(&tensor) / 4;
        launch! {
            "elementwise/to_f32" { StoredWidth: StoredWidth::Vec4F16 },
            client: &tensor.client,
            workgroups: by_elements(values),
            buffers: { x: read_stored(&tensor), output: write(&output) },
            uniforms: { count: values },
        }
        output
    }
}
