//! Opens a device that computes: a small computation is held against its known answer before anything else is done.

use super::{Activation, Targets, cross_entropy, dense};
use crate::{
    Error, Result,
    device::{self, Device, DeviceKind, floats, read},
};

/// Opens a device and checks it.
///
/// # Errors
/// `no-webgpu` where no adapter answers or the answer is wrong; `bad-option` where the build is for the other device.
pub async fn open_device(kind: DeviceKind) -> Result<Device> {
    let device = device::open(kind).await?;
    self_check(&device).await?;
    Ok(device)
}

/// A dense layer and a cross-entropy, 4 x 4, whose answer is known.
async fn self_check(device: &Device) -> Result<()> {
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
