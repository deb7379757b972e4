//! Numbers onto a device as tensors, and back: takes and gives values in row-major order.

use burn::{
    backend::{
        Dispatch,
        ops::{FloatTensorOps, IntTensorOps},
    },
    tensor::{DType, Device as BurnDevice, Int, Tensor, TensorData, Transaction},
};

use super::f16_storage;
use crate::{Error, Result};

/// A tensor of 32-bit floats.
pub fn floats<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &BurnDevice) -> Tensor<D> {
    // Not `Tensor::from_data`, which carries a conversion between any two of burn's number types.
    let data = TensorData::new(values, shape);
    Tensor::from_dispatch(Dispatch::float_from_data(data, device.as_dispatch()))
}

/// A parameter of a checkpoint. A GPU stores a matrix as 16-bit floats where that loses nothing, so training and reading
/// back must go through `kernels::to_f32` or [`read`].
pub fn parameter<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &BurnDevice) -> Tensor<D> {
    #[cfg(feature = "webgpu")]
    if D == 2
        && shape[1].is_multiple_of(4)
        && is_gpu(device)
        && let Some(stored) = f16_storage::to_f16_exact(&values)
    {
        let data = TensorData::new(stored, shape);
        return Tensor::from_dispatch(Dispatch::float_from_data(data, device.as_dispatch()));
    }
    floats(values, shape, device)
}

#[cfg(feature = "webgpu")]
fn is_gpu(device: &BurnDevice) -> bool {
    matches!(device.as_dispatch(), burn::backend::DispatchDevice::Cube(_))
}

/// A tensor of whole numbers.
pub fn whole_numbers(values: Vec<i32>, device: &BurnDevice) -> Tensor<1, Int> {
    let count = values.len();
    let data = TensorData::new(values, [count]);
    Tensor::from_dispatch(Dispatch::int_from_data(data, device.as_dispatch()))
}

/// Reads two numbers back in one request, since most of the time that a GPU takes to answer is waiting.
///
/// # Shapes
/// - each: `[1]`
///
/// # Errors
/// `device-lost` where the device cannot give them.
pub async fn read_both(first: Tensor<1>, second: Tensor<1>) -> Result<[f32; 2]> {
    let lost = |error: String| Error::DeviceLost(error);
    let both = Transaction::default().register(first).register(second);
    let data = both.execute_async().await.map_err(|error| lost(format!("{error:?}")))?;
    let mut numbers = [0.0; 2];
    for (number, data) in numbers.iter_mut().zip(data) {
        let values = data.try_into_vec::<f32>().map_err(|error| lost(format!("{error:?}")))?;
        *number = values[0];
    }
    Ok(numbers)
}

/// Reads a tensor's values back.
///
/// # Errors
/// `device-lost` where the device cannot give them.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| Error::DeviceLost(format!("{error:?}")))?;
    let values = match data.dtype() {
        DType::F16 => data.try_into_vec().map(|stored| f16_storage::to_f32(&stored)),
        _ => data.try_into_vec::<f32>(),
    };
    values.map_err(|error| Error::DeviceLost(format!("{error:?}")))
}
