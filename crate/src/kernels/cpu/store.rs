//! The forms in which the CPU keeps matrices. A tensor's number type tells its form, so that no operation of burn's own
//! takes a kept matrix for rows of numbers.

use burn::{
    backend::{Flex, TensorMetadata},
    tensor::{Bytes, DType, Shape, TensorData},
};
use burn_flex::{FlexTensor, Layout};
use half::f16;

use super::{
    int8::Int8Panels,
    int8_rows::Int8Rows,
    matrix::matrix,
    panels::Panels,
    tensor::{tensor, values},
};
use crate::{
    device::{to_f16_rounded, to_f32},
    kernels::{
        ops::{store::StoreKernel, to_f32::ToF32Kernel},
        storage::{Role, Storage, int8_role, int8_type},
    },
};

/// A dense layer's weight of 32-bit floats, in panels.
const PANELS: DType = DType::Flex32;
/// A matrix in the form in which it is kept.
pub enum Stored<'a> {
    /// 32-bit floats, row after row.
    Rows,
    /// 16-bit floats, row after row.
    F16(&'a [f16]),
    Panels(Panels<'a>),
    Int8Panels(Int8Panels<'a>),
    Int8Rows(Int8Rows<'a>),
}

/// The form of a tensor.
pub fn stored(tensor: &FlexTensor) -> Stored<'_> {
    let shape = || tensor.shape().dims();
    match int8_role(tensor.dtype()) {
        Some(Role::Dense) => {
            return Stored::Int8Panels(Int8Panels::of_words(bytemuck::cast_slice(tensor.bytes()), shape()));
        }
        Some(Role::Table) => return Stored::Int8Rows(Int8Rows::of_bytes(tensor.bytes(), shape())),
        None => {}
    }
    match tensor.dtype() {
        PANELS => Stored::Panels(Panels::of_values(bytemuck::cast_slice(tensor.bytes()), shape())),
        DType::F16 => Stored::F16(tensor.storage()),
        _ => Stored::Rows,
    }
}

impl StoreKernel for Flex {
    fn store(_there: FlexTensor, values: Vec<f32>, shape: [usize; 2], role: Role, storage: Storage) -> FlexTensor {
        let halves = match storage {
            Storage::F16 => to_f16_rounded(&values),
            Storage::F32 | Storage::Int8 => None,
        };
        match (storage, role, halves) {
            (_, _, Some(halves)) => FlexTensor::from_data(TensorData::new(halves, shape)),
            (Storage::Int8, Role::Dense, _) => kept(
                Bytes::from_elems(Int8Panels::pack(&values, shape).into_words()),
                shape,
                int8_type(role),
            ),
            (Storage::Int8, Role::Table, _) => kept(
                Bytes::from_elems(Int8Rows::pack(&values, shape[1])),
                shape,
                int8_type(role),
            ),
            (_, Role::Dense, _) => Self::pack(tensor(values, shape)),
            (_, Role::Table, _) => tensor(values, shape),
        }
    }

    fn store_int8_table(_there: FlexTensor, bytes: Vec<u8>, shape: [usize; 2]) -> FlexTensor {
        kept(Bytes::from_elems(bytes), shape, int8_type(Role::Table))
    }

    fn pack(weight: FlexTensor) -> FlexTensor {
        match weight.dtype() {
            DType::F32 => {
                let weight = weight.to_contiguous();
                let panels = Panels::pack(matrix(&weight)).into_values();
                kept(Bytes::from_elems(panels), weight.shape().dims(), PANELS)
            }
            _ => weight,
        }
    }
}

fn kept(bytes: Bytes, shape: [usize; 2], form: DType) -> FlexTensor {
    FlexTensor::new(bytes, Layout::contiguous(Shape::new(shape)), form)
}

impl ToF32Kernel for Flex {
    fn to_f32(matrix: FlexTensor) -> FlexTensor {
        let unpacked = match stored(&matrix) {
            Stored::Rows => return matrix,
            Stored::F16(halves) => to_f32(halves),
            Stored::Panels(panels) => panels.unpack(),
            Stored::Int8Panels(panels) => panels.unpack(),
            Stored::Int8Rows(rows) => rows.rows(0..matrix.shape()[0]),
        };
        let shape: [usize; 2] = matrix.shape().dims();
        tensor(unpacked, shape)
    }
}

/// The matrix as 32-bit floats, row after row.
pub fn rows(matrix: FlexTensor) -> FlexTensor {
    Flex::to_f32(matrix).to_contiguous()
}

/// Adds a row of a table to `target`.
pub fn add_row(table: &FlexTensor, row: usize, target: &mut [f32]) {
    let columns = target.len();
    match stored(table) {
        Stored::Int8Rows(rows) => target.iter_mut().zip(rows.row(row)).for_each(|(sum, x)| *sum += x),
        Stored::F16(halves) => {
            let row = to_f32(&halves[row * columns..][..columns]);
            target.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        _ => {
            let row = &values(table)[row * columns..][..columns];
            target.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
    }
}
