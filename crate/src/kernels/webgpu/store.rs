//! The forms in which a GPU keeps matrices: 32-bit floats, 16-bit floats, or whole numbers of 8 bits, four a word, with their
//! scales after them.

use burn::{
    backend::{Cube, TensorMetadata},
    tensor::{DType, Shape},
};
use burn_wgpu::CubeTensor;

use super::{
    forms::{Int8Scale, StoredWidth},
    shader::{by_elements, count, empty, empty_like, is_f16, launch, read_stored, write},
};
use crate::{
    device::{to_f16_exact, to_f16_rounded, to_f32},
    kernels::{
        ops::{store::StoreKernel, to_f32::ToF32Kernel},
        storage::{Role, Storage, byte, int8_role, int8_type, quantized, scales},
    },
};

impl StoreKernel for Cube {
    fn store(there: CubeTensor, values: Vec<f32>, shape: [usize; 2], role: Role, storage: Storage) -> CubeTensor {
        let by_four = shape[1].is_multiple_of(4);
        // What cannot be kept four at a time is rounded all the same, so that the answers are those of other devices.
        let values = match storage {
            Storage::F16 if !by_four => to_f16_rounded(&values).map_or(values, |halves| to_f32(&halves)),
            Storage::Int8 if !by_four => rounded(&values, shape, role),
            _ => values,
        };
        let halves = match (by_four, storage) {
            (true, Storage::F32) => to_f16_exact(&values),
            (true, Storage::F16) => to_f16_rounded(&values),
            _ => None,
        };
        match (halves, storage) {
            (Some(halves), _) => kept(&there, bytemuck::cast_slice(&halves), shape, DType::F16),
            (None, Storage::Int8) if by_four => kept(&there, &int8(&values, shape, role), shape, int8_type(role)),
            _ => kept(&there, bytemuck::cast_slice(&values), shape, DType::F32),
        }
    }

    fn store_int8_table(there: CubeTensor, bytes: Vec<u8>, shape: [usize; 2]) -> CubeTensor {
        kept(&there, &bytes, shape, int8_type(Role::Table))
    }

    /// The weight itself: a GPU reads rows.
    fn pack(weight: CubeTensor) -> CubeTensor {
        weight
    }
}

/// The numbers and then the scales of a matrix.
fn int8(values: &[f32], [_, columns]: [usize; 2], role: Role) -> Vec<u8> {
    let scales = scales(values, columns, role);
    let numbers = values.iter().enumerate();
    let mut bytes: Vec<u8> = numbers
        .map(|(index, &x)| byte(quantized(x, scale_of(&scales, index, columns, role))))
        .collect();
    bytes.extend(bytemuck::cast_slice(&scales));
    bytes
}

/// The values of a matrix after rounding to scaled whole numbers.
fn rounded(values: &[f32], [_, columns]: [usize; 2], role: Role) -> Vec<f32> {
    let scales = scales(values, columns, role);
    let numbers = values.iter().enumerate();
    numbers
        .map(|(index, &x)| {
            let scale = scale_of(&scales, index, columns, role);
            quantized(x, scale) as f32 * scale
        })
        .collect()
}

fn scale_of(scales: &[f32], index: usize, columns: usize, role: Role) -> f32 {
    match role {
        Role::Dense => scales[index % columns],
        Role::Table => scales[index / columns],
    }
}

fn kept(there: &CubeTensor, bytes: &[u8], shape: [usize; 2], form: DType) -> CubeTensor {
    let (client, device) = (there.client.clone(), there.device());
    let handle = client.create_from_slice(bytes);
    CubeTensor::new_contiguous(client, device, Shape::new(shape), handle, form)
}

impl ToF32Kernel for Cube {
    /// The tensor as 32-bit floats; the tensor itself where it holds them.
    fn to_f32(tensor: CubeTensor) -> CubeTensor {
        let output = || empty_like(&tensor);
        let values = count(&tensor) / 4;
        if let Some(role) = int8_role(tensor.dtype) {
            let [rows, columns] = tensor.shape().dims();
            let output = empty(&tensor, [rows, columns]);
            let scale = match role {
                Role::Dense => Int8Scale::Column,
                Role::Table => Int8Scale::Row,
            };
            launch! {
                "elementwise/int8_to_f32" { Int8Scale: scale },
                client: &tensor.client,
                workgroups: by_elements(values),
                buffers: { x: read_stored(&tensor), output: write(&output) },
                uniforms: { count: values, columns: columns / 4 },
            }
            return output;
        }
        if !is_f16(&tensor) {
            return tensor;
        }
        let output = output();
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
