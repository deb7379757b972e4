//! Opens a device: takes its kind, gives burn's handle of it.

#[cfg(feature = "webgpu")]
use async_channel::Receiver;
use burn::tensor::Device as BurnDevice;

#[cfg(feature = "webgpu")]
use super::gpu::{self, GpuTraits};
use crate::{Error, Result};

/// Where tensors live and are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// The CPU, through burn-flex with SIMD.
    Cpu,
    /// A GPU, through burn-wgpu.
    WebGpu,
}

/// An opened device.
#[derive(Debug, Clone)]
pub struct Device {
    /// Which kind was opened.
    pub kind: DeviceKind,
    /// burn's handle, without autodiff: training switches that on for its own copy of the model.
    pub handle: BurnDevice,
    /// The first failure after which a GPU's numbers mean nothing. Only in the browser: natively wgpu panics.
    #[cfg(feature = "webgpu")]
    pub failures: Receiver<Error>,
}

/// Opens a device, and computes nothing on it: `kernels::open_device` checks it too.
///
/// # Errors
/// `no-webgpu` where no adapter answers; `bad-option` where the build is for the other device.
pub async fn open(kind: DeviceKind) -> Result<Device> {
    match kind {
        DeviceKind::Cpu => open_cpu(),
        DeviceKind::WebGpu => open_webgpu().await,
    }
}

#[cfg(feature = "cpu")]
fn open_cpu() -> Result<Device> {
    Ok(Device {
        kind: DeviceKind::Cpu,
        handle: BurnDevice::flex(),
        #[cfg(feature = "webgpu")]
        failures: async_channel::bounded(1).1,
    })
}

#[cfg(not(feature = "cpu"))]
fn open_cpu() -> Result<Device> {
    Err(not_in_this_build("wasm", "the CPU"))
}

#[cfg(feature = "webgpu")]
async fn open_webgpu() -> Result<Device> {
    open_gpu(|traits| traits).await
}

/// Opens WebGPU, with shaders in the forms for the traits that `choose` gives, which gets those of the adapter.
///
/// # Errors
/// `no-webgpu` where no adapter answers.
#[cfg(feature = "webgpu")]
pub async fn open_gpu(choose: impl FnOnce(GpuTraits) -> GpuTraits) -> Result<Device> {
    let gpu::Gpu { handle, failures } = gpu::open(choose).await?;
    Ok(Device {
        kind: DeviceKind::WebGpu,
        handle,
        failures,
    })
}

#[cfg(not(feature = "webgpu"))]
async fn open_webgpu() -> Result<Device> {
    Err(not_in_this_build("webgpu", "WebGPU"))
}

/// A build has one device; the page knows which file to load.
#[cfg(not(all(feature = "cpu", feature = "webgpu")))]
fn not_in_this_build(found: &str, device: &str) -> Error {
    Error::BadOption {
        name: "device",
        expected: format!("the device of this build, which has no {device}"),
        found: found.to_owned(),
    }
}
