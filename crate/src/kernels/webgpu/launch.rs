//! One of our shaders on the GPU: composed of its files, and launched on its tensors.

use std::{
    hash::{Hash, Hasher},
    sync::atomic::{AtomicBool, Ordering},
};

use burn::{
    backend::TensorMetadata,
    cubecl::{
        CubeCount, CubeDim,
        client::Client,
        ir::attributes::BufferIOAttr,
        prelude::KernelId,
        server::{Handle, KernelArguments, MetadataBindingInfo},
    },
    tensor::{DType, Shape},
};
use burn_wgpu::{CubeTensor, KernelSource, SourceKernel, SourceTemplate};

/// Workgroups along one axis, at most.
const MOST_GROUPS: usize = 65_535;
/// Threads of a workgroup in the shaders by elements.
const THREADS: usize = 64;

/// A file of this folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct File {
    pub name: &'static str,
    pub text: &'static str,
}

/// Their names say which they are.
impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for File {}

impl Hash for File {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// `wgsl!("adamw/adamw")` is the file adamw.wgsl.
macro_rules! wgsl {
    ($name:literal) => {
        $crate::kernels::webgpu::launch::File {
            name: $name,
            text: include_str!(concat!("shaders/", $name, ".wgsl")),
        }
    };
}
pub(super) use wgsl;

/// A shader's files, one after another, and what stands for their `{{names}}`. As a whole it is the key under which its
/// pipeline is kept.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Shader {
    files: Vec<File>,
    values: Vec<(&'static str, usize)>,
}

impl Shader {
    pub fn new(files: impl Into<Vec<File>>) -> Self {
        Self {
            files: files.into(),
            values: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: usize) -> Self {
        self.values.push((name, value));
        self
    }

    fn value(&self, name: &str) -> Option<usize> {
        self.values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, value)| value)
    }

    /// The files with every line that names a block row, `$i`, or block column, `$j`, once for each, and with the values
    /// in their places.
    fn text(&self) -> String {
        let times = |line: &str, mark: &str, name: &str| match line.contains(mark) {
            true => self.value(name).unwrap_or(1),
            false => 1,
        };
        // Its files' names come first, for whoever times the shaders.
        let names: Vec<&str> = self.files.iter().map(|file| file.name).collect();
        let mut text = format!("// {}\n", names.join(" "));
        for line in self.files.iter().flat_map(|file| file.text.lines()) {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for i in 0..times(line, "$i", "rows") {
                for j in 0..times(line, "$j", "columns") {
                    text += &line.replace("$i", &i.to_string()).replace("$j", &j.to_string());
                    text.push('\n');
                }
            }
        }
        for (name, value) in &self.values {
            text = text.replace(&["{{", name, "}}"].concat(), &value.to_string());
        }
        text
    }

    /// Runs it on `groups` workgroups, with the buffers in the order of their bindings, and the words as the uniform
    /// that every shader has last.
    pub fn launch(self, client: &Client, groups: [usize; 3], buffers: &[Bound], words: &[Word]) {
        let arguments = buffers.iter().fold(KernelArguments::new(), |arguments, bound| {
            let (handle, io) = match bound {
                Bound::Read(handle) => (handle, BufferIOAttr::ReadOnly),
                Bound::Write(handle) => (handle, BufferIOAttr::ReadWrite),
            };
            arguments.with_buffer_io((*handle).clone().binding(), io)
        });
        let data = words
            .chunks(2)
            .map(|pair| pair.iter().rev().fold(0, |all, word| all << 32 | u64::from(word.0)))
            .collect();
        let [x, y, z] = groups.map(|count| count as u32);
        client.launch(
            Box::new(SourceKernel::new(self, CubeDim::new_single())),
            CubeCount::Static(x, y, z),
            arguments.with_info(MetadataBindingInfo::custom(data)),
        );
    }
}

impl KernelSource for Shader {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.text())
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.clone())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// What a binding holds, and what the shader does with it.
pub(super) enum Bound<'a> {
    Read(&'a Handle),
    Write(&'a Handle),
}

/// A tensor of 32-bit numbers, as every shader reads but those that name `Stored`.
pub(super) fn read(tensor: &CubeTensor) -> Bound<'_> {
    assert!(!is_half(tensor), "a shader would take 16-bit floats for 32-bit ones");
    Bound::Read(&tensor.handle)
}

/// A matrix of the model, in a shader with the file [`stored`].
pub(super) fn read_stored(tensor: &CubeTensor) -> Bound<'_> {
    Bound::Read(&tensor.handle)
}

/// The file that says how a matrix of the model is kept.
pub(super) fn stored(tensor: &CubeTensor) -> File {
    match is_half(tensor) {
        true => wgsl!("shared/storage_f16"),
        false => wgsl!("shared/storage_f32"),
    }
}

/// Whether the tensor holds what `halves.rs` keeps.
pub(super) fn is_half(tensor: &CubeTensor) -> bool {
    tensor.dtype == DType::F16
}

pub(super) fn write(tensor: &CubeTensor) -> Bound<'_> {
    Bound::Write(&tensor.handle)
}

/// Four bytes of a uniform.
#[derive(Clone, Copy)]
pub(super) struct Word(u32);

impl From<usize> for Word {
    fn from(value: usize) -> Self {
        Self(value as u32)
    }
}

impl From<u32> for Word {
    fn from(value: u32) -> Self {
        Self(value)
    }
}

impl From<f32> for Word {
    fn from(value: f32) -> Self {
        Self(value.to_bits())
    }
}

/// Words of several types.
macro_rules! words {
    ($($value:expr),* $(,)?) => { [$($crate::kernels::webgpu::launch::Word::from($value)),*] };
}
pub(super) use words;

/// The file that says how many elements a shader takes at a time, where rows have `columns`; and how many those are.
pub(super) fn width(columns: usize) -> (File, usize) {
    match columns.is_multiple_of(4) {
        true => (wgsl!("shared/vec4"), 4),
        false => (wgsl!("shared/scalar"), 1),
    }
}

/// Workgroups along the first two axes.
pub(super) fn groups(count: usize) -> [usize; 3] {
    let down = count.div_ceil(MOST_GROUPS);
    [count.div_ceil(down), down, 1]
}

/// Workgroups for a thread an element.
pub(super) fn by_elements(count: usize) -> [usize; 3] {
    groups(count.div_ceil(THREADS))
}

/// A new tensor of 32-bit floats beside another, of any content.
pub(super) fn empty<const D: usize>(beside: &CubeTensor, shape: [usize; D]) -> CubeTensor {
    let (client, device) = (beside.client.clone(), beside.device());
    let handle = client.empty(shape.iter().product::<usize>() * size_of::<f32>());
    CubeTensor::new_contiguous(client, device, Shape::new(shape), handle, DType::F32)
}

/// Whether the adapter is software, which is quick at other things than a GPU: only such have planes this narrow.
pub(super) fn is_software(client: &Client) -> bool {
    (1..8).contains(&client.properties().hardware.plane_size_max)
}

/// Whether shaders may use subgroups: a device's opener says so, since burn asks the browser for no such feature.
static SUBGROUPS: AtomicBool = AtomicBool::new(false);

/// Notes that the device was opened with WebGPU's feature "subgroups". Before the first shader by rows is launched.
pub fn allow_subgroups() {
    SUBGROUPS.store(true, Ordering::Relaxed);
}

pub(super) fn has_subgroups() -> bool {
    SUBGROUPS.load(Ordering::Relaxed)
}
