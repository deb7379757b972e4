//! The only room that names a device: opens WebGPU or the CPU, and checks that it computes.

use burn::{
    backend::{
        Dispatch,
        ops::{FloatTensorOps, IntTensorOps},
    },
    tensor::{DType, Device as BurnDevice, Int, Tensor, TensorData, Transaction},
};

use crate::{
    Error, Result,
    kernels::{self, Activation, Targets, cross_entropy, dense},
};

/// Where tensors live and are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// The CPU, through burn-flex with SIMD.
    Cpu,
    /// A GPU, through burn-wgpu.
    WebGpu,
}

/// An opened device that has passed [`open`]'s check.
#[derive(Debug, Clone)]
pub struct Device {
    /// Which kind was opened.
    pub kind: DeviceKind,
    /// burn's handle: without autodiff; training switches that on for its own copy of the model.
    pub handle: BurnDevice,
}

/// Opens a device and holds a small computation against its known answer.
///
/// # Errors
/// `no-webgpu` where no adapter answers or the answer is wrong; `bad-option` where the build is for the other device.
pub async fn open(kind: DeviceKind) -> Result<Device> {
    let handle = match kind {
        DeviceKind::Cpu => open_cpu()?,
        DeviceKind::WebGpu => open_webgpu().await?,
    };
    let device = Device { kind, handle };
    check(&device).await?;
    Ok(device)
}

#[cfg(feature = "cpu")]
fn open_cpu() -> Result<BurnDevice> {
    Ok(BurnDevice::flex())
}

#[cfg(not(feature = "cpu"))]
fn open_cpu() -> Result<BurnDevice> {
    Err(other_build("wasm", "the CPU"))
}

#[cfg(feature = "webgpu")]
async fn open_webgpu() -> Result<BurnDevice> {
    BurnDevice::wgpu_options()
        .init_async()
        .await
        .map_err(|error| Error::NoWebGpu(format!("no device could be opened: {error}")))
}

#[cfg(not(feature = "webgpu"))]
async fn open_webgpu() -> Result<BurnDevice> {
    Err(other_build("webgpu", "WebGPU"))
}

/// A build has one device: which file to load is the page's to know.
#[cfg(not(all(feature = "cpu", feature = "webgpu")))]
fn other_build(found: &str, what: &str) -> Error {
    Error::BadOption {
        name: "device",
        expected: format!("the device of this build, which has no {what}"),
        found: found.to_owned(),
    }
}

/// A dense layer and a cross-entropy, 4 x 4, whose answer is known.
async fn check(device: &Device) -> Result<()> {
    let values: Vec<f32> = (0..16).map(|i| i as f32 / 8.0 - 1.0).collect();
    let expected: f32 = (0..4)
        .map(|row| {
            let dot = |column: usize| {
                (0..4)
                    .map(|k| values[row * 4 + k] * values[k * 4 + column])
                    .sum::<f32>()
            };
            (0..4).map(|column| dot(column).exp()).sum::<f32>().ln() - dot(row)
        })
        .sum::<f32>()
        / 4.0;
    let matrix = floats(values, [4, 4], &device.handle);
    let bias = floats(vec![0.0; 4], [4], &device.handle);
    let logits = dense(matrix.clone(), matrix, bias, Activation::Identity);
    let found = read(cross_entropy(logits, Targets::mean((0..4).collect()))).await?[0];
    if (found - expected).abs() < 1e-3 * expected {
        return Ok(());
    }
    let message = format!("a test computation gave {found}; expected {expected}");
    Err(match device.kind {
        DeviceKind::WebGpu => Error::NoWebGpu(message),
        DeviceKind::Cpu => Error::DeviceLost(message),
    })
}

/// A tensor of values in row-major order.
pub fn floats<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &BurnDevice) -> Tensor<D> {
    // Not `Tensor::from_data`, which carries a conversion between any two of burn's number types.
    let data = TensorData::new(values, shape);
    Tensor::from_dispatch(Dispatch::float_from_data(data, device.as_dispatch()))
}

/// A parameter of a checkpoint, as the device keeps it: a GPU takes a matrix as 16-bit floats where that loses nothing.
/// What trains it or reads it back must take it through [`kernels::widened`] or [`read`].
pub fn parameter<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &BurnDevice) -> Tensor<D> {
    #[cfg(feature = "webgpu")]
    if D == 2 && shape[1].is_multiple_of(4) && is_gpu(device) {
        if let Some(halves) = kernels::halved(&values) {
            let data = TensorData::new(halves, shape);
            return Tensor::from_dispatch(Dispatch::float_from_data(data, device.as_dispatch()));
        }
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

/// Reads two numbers back at once: of each time that a GPU is asked, most is waiting.
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

/// Reads a tensor's values back, in row-major order.
///
/// # Errors
/// `device-lost` where the device cannot give them.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| Error::DeviceLost(format!("{error:?}")))?;
    let values = match data.dtype() {
        DType::F16 => data.try_into_vec().map(|halves| kernels::whole(&halves)),
        _ => data.try_into_vec::<f32>(),
    };
    values.map_err(|error| Error::DeviceLost(format!("{error:?}")))
}
