//! Launches of shaders: what a shader is given on the GPU, and how many threads it gets.

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

use super::{
    compose::Source,
    forms::{RowThreads, Slices, StoredWidth, Width},
};
use crate::device::{GpuTraits, Subgroups, gpu_traits};

/// Workgroups along one axis, at most.
const MAX_GROUPS: usize = 65_535;
/// Threads of a workgroup in the shaders that take an element a thread.
const THREADS: usize = 64;

/// Launches the shader `shaders/<name>.wgsl`, in the given form of each of its parts.
///
/// Parts, buffers and uniforms are given by the names that the file has for them. A missing, unknown or misplaced name
/// and a uniform of another type are errors when the crate is compiled. Where parts bind buffers too, `buffers:` takes a
/// slice, in the order of the bindings.
macro_rules! launch {
    (
        $name:literal { $($part:ident: $form:expr),* $(,)? },
        client: $client:expr,
        workgroups: $workgroups:expr,
        buffers: { $($buffer:ident: $bound:expr),* $(,)? },
        uniforms: $uniforms:tt $(,)?
    ) => {{
        const _: () = assert!(
            $crate::kernels::webgpu::interface::has_buffers(
                include_str!(concat!(env!("OUT_DIR"), "/shaders/", $name, ".wgsl")),
                &[$(stringify!($buffer)),*],
            ),
            "the shader's buffers have other names, or another order"
        );
        launch! {
            $name { $($part: $form),* },
            client: $client,
            workgroups: $workgroups,
            buffers: &[$($bound),*],
            uniforms: $uniforms,
        }
    }};
    (
        $name:literal { $($part:ident: $form:expr),* $(,)? },
        client: $client:expr,
        workgroups: $workgroups:expr,
        buffers: $buffers:expr,
        uniforms: { $($field:ident: $value:expr),* $(,)? } $(,)?
    ) => {{
        const MAIN: $crate::kernels::webgpu::compose::File = $crate::kernels::webgpu::compose::File {
            name: $name,
            text: include_str!(concat!(env!("OUT_DIR"), "/shaders/", $name, ".wgsl")),
        };
        const _: () = assert!(
            $crate::kernels::webgpu::interface::has_parts(MAIN.text, &[$(stringify!($part)),*]),
            "the shader has other parts, or another order of them"
        );
        let mut uniforms =
            [0; $crate::kernels::webgpu::interface::uniform_words(MAIN.text, &[$(stringify!($field)),*])];
        $({
            use $crate::kernels::webgpu::interface::{Field, Uniform, field};
            const FIELD: Field = field(MAIN.text, stringify!($field));
            Uniform::<{ FIELD.kind }>::write($value, &mut uniforms[FIELD.offset..FIELD.offset + FIELD.words]);
        })*
        let source = $crate::kernels::webgpu::compose::Source {
            main: MAIN,
            parts: vec![$($crate::kernels::webgpu::forms::$part::part($form)),*],
        };
        $crate::kernels::webgpu::shader::run(source, $client, $workgroups, $buffers, &uniforms);
    }};
}
pub(super) use launch;

/// Runs a shader on `groups` workgroups. The buffers are in the order of their bindings; the uniforms come last.
pub(super) fn run(source: Source, client: &Client, groups: [usize; 3], buffers: &[Bound], uniforms: &[u32]) {
    let arguments = buffers.iter().fold(KernelArguments::new(), |arguments, bound| {
        let (handle, io) = match bound {
            Bound::Read(handle) => (handle, BufferIOAttr::ReadOnly),
            Bound::Write(handle) => (handle, BufferIOAttr::ReadWrite),
        };
        arguments.with_buffer_io((*handle).clone().binding(), io)
    });
    let data = uniforms
        .chunks(2)
        .map(|pair| pair.iter().rev().fold(0, |all, &word| all << 32 | u64::from(word)))
        .collect();
    let [x, y, z] = groups.map(|count| count as u32);
    client.launch(
        Box::new(SourceKernel::new(source, CubeDim::new_single())),
        CubeCount::Static(x, y, z),
        arguments.with_info(MetadataBindingInfo::custom(data)),
    );
}

/// Composed once for each form, when its pipeline is first needed.
impl KernelSource for Source {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.wgsl())
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.clone())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// A buffer, and what the shader does with it.
pub(super) enum Bound<'a> {
    Read(&'a Handle),
    Write(&'a Handle),
}

/// A tensor of 32-bit numbers, which every shader takes except for buffers of `Stored`.
pub(super) fn read(tensor: &CubeTensor) -> Bound<'_> {
    let dtype = tensor.dtype;
    assert!(dtype.size() == 4, "a shader would read {dtype:?} as 32-bit numbers");
    Bound::Read(&tensor.handle)
}

/// A weight matrix, for a buffer of `Stored`.
pub(super) fn read_stored(tensor: &CubeTensor) -> Bound<'_> {
    Bound::Read(&tensor.handle)
}

pub(super) fn write(tensor: &CubeTensor) -> Bound<'_> {
    Bound::Write(&tensor.handle)
}

/// Whether the tensor is stored as 16-bit floats.
pub(super) fn is_f16(tensor: &CubeTensor) -> bool {
    tensor.dtype == DType::F16
}

/// How rows of `columns` elements are taken, and the elements of a value.
pub(super) fn width(columns: usize) -> (Width, usize) {
    match columns.is_multiple_of(4) {
        true => (Width::Vec4, 4),
        false => (Width::Scalar, 1),
    }
}

/// [`width`] for a shader that reads a table as it is stored.
pub(super) fn stored_width(table: &CubeTensor, columns: usize) -> (StoredWidth, usize) {
    match (width(columns), is_f16(table)) {
        (_, true) => (StoredWidth::Vec4F16, 4),
        ((Width::Vec4, elements), false) => (StoredWidth::Vec4F32, elements),
        ((Width::Scalar, elements), false) => (StoredWidth::ScalarF32, elements),
    }
}

/// How threads share a row on this tensor's GPU.
pub(super) fn row_threads(tensor: &CubeTensor) -> RowThreads {
    let GpuTraits { software, subgroups } = gpu_traits(&tensor.device);
    match (subgroups, software) {
        (Subgroups::Enabled, _) => RowThreads::Subgroup,
        (Subgroups::Implied, _) => RowThreads::ImpliedSubgroup,
        (Subgroups::None, true) => RowThreads::One,
        (Subgroups::None, false) => RowThreads::Sixteen,
    }
}

/// Workgroups for all rows, each of which takes as many rows as [`row_threads`] says.
pub(super) fn row_groups(tensor: &CubeTensor, rows: usize) -> [usize; 3] {
    let rows_per_group = match row_threads(tensor) {
        // With the largest subgroups; where they are smaller, the last workgroups have nothing to do.
        RowThreads::Subgroup | RowThreads::ImpliedSubgroup => {
            128 / tensor.client.properties().hardware.plane_size_max.clamp(1, 128) as usize
        }
        RowThreads::One => 16,
        RowThreads::Sixteen => 8,
    };
    groups(rows.div_ceil(rows_per_group))
}

/// Threads that share a column of a sum over the rows.
pub(super) fn slices(tensor: &CubeTensor) -> Slices {
    match gpu_traits(&tensor.device).software {
        true => Slices::Four,
        false => Slices::ThirtyTwo,
    }
}

/// Workgroups along the first two axes.
pub(super) fn groups(count: usize) -> [usize; 3] {
    let down = count.div_ceil(MAX_GROUPS);
    [count.div_ceil(down), down, 1]
}

/// Workgroups for a thread an element.
pub(super) fn by_elements(count: usize) -> [usize; 3] {
    groups(count.div_ceil(THREADS))
}

/// A new tensor of 32-bit floats on the device of another. Its content is undefined.
pub(super) fn empty<const D: usize>(beside: &CubeTensor, shape: [usize; D]) -> CubeTensor {
    let (client, device) = (beside.client.clone(), beside.device());
    let handle = client.empty(shape.iter().product::<usize>() * size_of::<f32>());
    CubeTensor::new_contiguous(client, device, Shape::new(shape), handle, DType::F32)
}

/// A new tensor of 32-bit floats with the shape of another. Its content is undefined.
pub(super) fn empty_like(tensor: &CubeTensor) -> CubeTensor {
    let mut output = empty(tensor, [count(tensor)]);
    output.meta = tensor.meta.clone();
    output
}

/// The tensor's elements.
pub(super) fn count(tensor: &CubeTensor) -> usize {
    tensor.shape().num_elements()
}
