//! The only room that names a device: opens WebGPU or the CPU, puts numbers on it and reads them back.
//!
//! It computes nothing. `kernels::open_device` opens a device and holds a small computation against its known answer.

mod f16_storage;
#[cfg(feature = "webgpu")]
mod gpu;
mod open;
mod parts;
mod read_back;

pub use f16_storage::{to_f16_exact, to_f16_rounded, to_f32};
#[cfg(feature = "webgpu")]
pub use gpu::{GpuTraits, Subgroups, gpu_traits};
#[cfg(feature = "webgpu")]
pub use open::open_gpu;
pub use open::{Device, DeviceKind, open};
pub use parts::part_at;
pub use read_back::{floats, parameter, read, read_both, whole_numbers};
