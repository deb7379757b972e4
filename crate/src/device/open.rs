//! Opens a device: takes its kind, gives burn's handle of it.

use burn::tensor::Device as BurnDevice;

#[cfg(not(all(feature = "cpu", feature = "webgpu")))]
use crate::Error;
use crate::Result;

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
}

/// Opens a device, and computes nothing on it: `kernels::open_device` checks it too.
///
/// # Errors
/// `no-webgpu` where no adapter answers; `bad-option` where the build is for the other device.
pub async fn open(kind: DeviceKind) -> Result<Device> {
    let handle = match kind {
        DeviceKind::Cpu => open_cpu()?,
        DeviceKind::WebGpu => open_webgpu().await?,
    };
    Ok(Device { kind, handle })
}

#[cfg(feature = "cpu")]
fn open_cpu() -> Result<BurnDevice> {
    Ok(BurnDevice::flex())
}

#[cfg(not(feature = "cpu"))]
fn open_cpu() -> Result<BurnDevice> {
    Err(not_in_this_build("wasm", "the CPU"))
}

#[cfg(feature = "webgpu")]
async fn open_webgpu() -> Result<BurnDevice> {
    let opened = BurnDevice::wgpu_options().init_async().await;
    opened.map_err(|error| crate::Error::NoWebGpu(format!("no device could be opened: {error}")))
}

#[cfg(not(feature = "webgpu"))]
async fn open_webgpu() -> Result<BurnDevice> {
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
