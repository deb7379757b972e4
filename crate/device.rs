//! The only room that names a device: opens WebGPU or the CPU, and checks that it computes.

use burn::tensor::{Device as BurnDevice, Tensor, TensorData};

use crate::{Error, Result};

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

/// A 4 x 4 product, an exponential and a sum, whose answer is known.
async fn check(device: &Device) -> Result<()> {
    let values: Vec<f32> = (0..16).map(|i| i as f32 / 8.0 - 1.0).collect();
    let expected: f32 = (0..16)
        .map(|i| {
            let (row, column) = (i / 4, i % 4);
            let dot: f32 = (0..4).map(|k| values[row * 4 + k] * values[k * 4 + column]).sum();
            dot.exp()
        })
        .sum();
    let matrix = Tensor::<2>::from_data(TensorData::new(values, [4, 4]), &device.handle);
    let found = read(matrix.clone().matmul(matrix).exp().sum()).await?[0];
    if (found - expected).abs() < 1e-3 * expected {
        return Ok(());
    }
    let message = format!("a test computation gave {found}; expected {expected}");
    Err(match device.kind {
        DeviceKind::WebGpu => Error::NoWebGpu(message),
        DeviceKind::Cpu => Error::DeviceLost(message),
    })
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
    data.try_into_vec::<f32>()
        .map_err(|error| Error::DeviceLost(format!("{error:?}")))
}
