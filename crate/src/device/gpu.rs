//! A GPU, opened by wgpu and handed to burn: what is asked of the adapter, what shaders may do on it, and who hears that
//! it failed.

use std::sync::RwLock;

use async_channel::Receiver;
use burn::{
    cubecl::Device as CubeDevice,
    tensor::{
        Device as BurnDevice,
        wgpu::{MemoryConfiguration, WgpuSetup},
    },
};
use burn_wgpu::wgpu::{
    Adapter, Backends, Device, DeviceDescriptor, DeviceType, ErrorFilter, Features, Instance, InstanceDescriptor,
    MemoryHints, PowerPreference, RequestAdapterOptions, ShaderModuleDescriptor, ShaderSource,
};

use crate::{Error, Result};

/// How a shader comes to use subgroups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subgroups {
    /// Not at all.
    None,
    /// By the directive `enable subgroups;`, as WGSL has it.
    Enabled,
    /// Without the directive, which naga, the compiler of wgpu and of Firefox, does not know.
    Implied,
}

/// What the forms of the shaders depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GpuTraits {
    /// Whether the CPU stands in for a GPU, as SwiftShader and lavapipe have it: it is fast at other things.
    pub software: bool,
    /// How shaders come to use subgroups.
    pub subgroups: Subgroups,
}

/// A GPU, ready for tensors.
pub struct Gpu {
    pub handle: BurnDevice,
    /// The first failure after which its numbers mean nothing. Only in the browser: natively wgpu panics.
    pub failures: Receiver<Error>,
}

/// The traits of every GPU that was opened. A kernel finds them by its tensor's device.
static OPENED: RwLock<Vec<(CubeDevice, GpuTraits)>> = RwLock::new(Vec::new());

/// The traits of the GPU that a tensor is on.
pub fn gpu_traits(device: &CubeDevice) -> GpuTraits {
    let opened = OPENED.read().expect("no thread panics with the lock");
    let found = opened.iter().find(|(known, _)| known == device);
    found.expect("a tensor's GPU was opened here").1
}

/// Opens the most capable GPU, each time as a device of its own. `choose` takes the traits that it has and gives those
/// that its shaders go by.
///
/// # Errors
/// `no-webgpu` where no adapter answers.
pub async fn open(choose: impl FnOnce(GpuTraits) -> GpuTraits) -> Result<Gpu> {
    let refused = |error: &dyn std::fmt::Display| Error::no_webgpu(format!("no device could be opened: {error}"));
    let instance = Instance::new(InstanceDescriptor {
        backends: Backends::PRIMARY,
        ..InstanceDescriptor::new_without_display_handle()
    });
    let wanted = RequestAdapterOptions {
        power_preference: PowerPreference::HighPerformance,
        ..Default::default()
    };
    let adapter = instance
        .request_adapter(&wanted)
        .await
        .map_err(|error| refused(&error))?;
    let (device, queue) = adapter
        .request_device(&DeviceDescriptor {
            // All of them: burn writes its own shaders for what the adapter has. The browser's subgroups are not wgpu's to
            // ask for; web/src/worker/gpu-devices.ts does.
            required_features: adapter.features()
                - Features::all_experimental_mask()
                - Features::MAPPABLE_PRIMARY_BUFFERS,
            required_limits: adapter.limits(),
            // burn pools buffers itself.
            memory_hints: MemoryHints::MemoryUsage,
            ..Default::default()
        })
        .await
        .map_err(|error| refused(&error))?;
    let traits = choose(GpuTraits {
        software: is_software(&adapter),
        subgroups: subgroups(&device).await,
    });
    let setup = WgpuSetup {
        backend: adapter.get_info().backend,
        instance,
        adapter,
        device: device.clone(),
        queue,
    };
    let handle = BurnDevice::wgpu_options()
        .setup(setup)
        // A buffer each tensor: one that is read and one that is written are never parts of the same.
        .memory_config(MemoryConfiguration::ExclusivePages)
        .init()
        .map_err(|error| refused(&error))?;
    if let burn::backend::DispatchDevice::Cube(opened) = handle.as_dispatch() {
        let mut all = OPENED.write().expect("no thread panics with the lock");
        all.push((opened.clone(), traits));
    }
    Ok(Gpu {
        failures: failures(&device),
        handle,
    })
}

/// Whether the adapter says that it is the CPU.
fn is_software(adapter: &Adapter) -> bool {
    adapter.get_info().device_type == DeviceType::Cpu
}

/// Compiles a shader each way: a browser may have the feature, and a compiler that does not know its name.
async fn subgroups(device: &Device) -> Subgroups {
    const PROBE: &str = "@group(0) @binding(0) var<storage, read_write> sums: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(subgroup_size) lanes: u32) { sums[0] = subgroupAdd(lanes); }";
    for (subgroups, directive) in [(Subgroups::Enabled, "enable subgroups;\n"), (Subgroups::Implied, "")] {
        let scope = device.push_error_scope(ErrorFilter::Validation);
        let _module = device.create_shader_module(ShaderModuleDescriptor {
            label: Some("probe for subgroups"),
            source: ShaderSource::Wgsl([directive, PROBE].concat().into()),
        });
        if scope.pop().await.is_none() {
            return subgroups;
        }
    }
    Subgroups::None
}

/// Where the browser's failures of a device come out. A lost device goes on answering, with meaningless numbers.
#[cfg(target_arch = "wasm32")]
fn failures(device: &Device) -> Receiver<Error> {
    use burn_wgpu::wgpu;

    let (sender, failures) = async_channel::bounded(1);
    let lost = sender.clone();
    device.set_device_lost_callback(move |reason, message| {
        let why = if message.is_empty() {
            "the browser does not say why"
        } else {
            &message
        };
        let reason = format!("{reason:?}").to_lowercase();
        let _ = lost.try_send(Error::device_lost(format!("the GPU is gone ({reason}): {why}")));
    });
    // In place of burn's, which panics.
    device.on_uncaptured_error(std::sync::Arc::new(move |error| {
        let _ = sender.try_send(match error {
            wgpu::Error::OutOfMemory { source } => Error::out_of_memory(source),
            error => Error::device_lost(format!("the GPU reported an error: {error}")),
        });
    }));
    failures
}

#[cfg(not(target_arch = "wasm32"))]
fn failures(_: &Device) -> Receiver<Error> {
    async_channel::bounded(1).1
}
