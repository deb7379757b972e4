//! Between burn's CPU tensors and slices of their elements.
//!
//! A tensor of another element type than a kernel computes with is a mistake in this crate, never in a person's data. So
//! the accessors panic, and name both types: an empty slice in its place would compute nothing and say nothing.

use burn::tensor::{Shape, TensorData};
use burn_flex::FlexTensor;

/// The elements of a contiguous tensor of f32.
///
/// # Panics
/// Where the tensor is of another type, or not contiguous.
pub fn values(tensor: &FlexTensor) -> &[f32] {
    let found = tensor.as_slice();
    found.unwrap_or_else(|| panic!("a CPU kernel takes contiguous f32; found {:?}", tensor.dtype()))
}

/// The ids of a contiguous tensor of i32, as `model::Input` makes them.
///
/// # Panics
/// Where the tensor is of another type, or not contiguous.
pub fn ids(tensor: &FlexTensor) -> &[i32] {
    let found = tensor.as_slice();
    found.unwrap_or_else(|| panic!("a CPU kernel takes contiguous i32; found {:?}", tensor.dtype()))
}

/// The f32 elements of a tensor's data, to change.
///
/// # Panics
/// Where the data is of another type.
pub fn values_mut(data: &mut TensorData) -> &mut [f32] {
    let dtype = data.dtype();
    let found = data.as_mut_slice();
    found.unwrap_or_else(|_| panic!("a CPU kernel changes f32; found {dtype:?}"))
}

/// The tensor with its elements changed: in place where nobody else holds them, else in a copy.
pub fn change<T>(tensor: FlexTensor, change: impl FnOnce(&mut [f32]) -> T) -> (FlexTensor, T) {
    let mut data = tensor.into_data();
    let other = change(values_mut(&mut data));
    (FlexTensor::from_data(data), other)
}

/// A new tensor.
pub fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    tensor_of_shape(values, Shape::new(shape))
}

/// A new tensor of another's shape.
pub fn tensor_of_shape(values: Vec<f32>, shape: Shape) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a CPU kernel takes contiguous f32; found I32")]
    fn another_type_is_refused() {
        values(&FlexTensor::from_data(TensorData::new(vec![1i32, 2], [2])));
    }

    #[test]
    #[should_panic(expected = "a CPU kernel changes f32; found I32")]
    fn another_type_is_not_changed() {
        change(FlexTensor::from_data(TensorData::new(vec![1i32, 2], [2])), |_| ());
    }

    #[test]
    #[should_panic(expected = "a CPU kernel takes contiguous i32; found F32")]
    fn ids_of_another_type_are_refused() {
        ids(&tensor(vec![1.0, 2.0], [2]));
    }
}
