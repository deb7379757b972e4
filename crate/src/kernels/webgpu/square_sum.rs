//! Sums of squares over many tensors, for the norm of the gradients.

use burn::backend::Cube;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    forms::Tensors,
    shader::{count, empty, launch, read, width, write},
};
use crate::kernels::ops::square_sum::{SQUARED_AT_ONCE, SquareSumKernel};

/// Elements of a tensor for each workgroup, at least.
const MIN_ELEMENTS: usize = 4096;
/// Workgroups for a tensor, at most.
const MAX_GROUPS: usize = 512;

const _: () = assert!(
    Tensors::ALL.len() == SQUARED_AT_ONCE,
    "a form for each number of tensors"
);

impl SquareSumKernel for Cube {
    /// total + the squares of all elements of the tensors. total and the result are `[1]`.
    fn add_squares(total: CubeTensor, tensors: Vec<CubeTensor>) -> CubeTensor {
        let tensors = tensors.into_iter().map(into_contiguous);
        let (vec4, scalar): (Vec<_>, Vec<_>) = tensors.partition(|tensor| count(tensor).is_multiple_of(4));
        [vec4, scalar]
            .iter()
            .filter(|tensors| !tensors.is_empty())
            .fold(total, |total, tensors| add_squares_of(total, tensors))
    }
}

/// [`add_squares`] of tensors that all have the same width.
fn add_squares_of(total: CubeTensor, tensors: &[CubeTensor]) -> CubeTensor {
    let client = &total.client;
    let (width, elements) = width(count(&tensors[0]));
    let largest = tensors.iter().map(count).max().unwrap_or(0);
    let across = largest.div_ceil(MIN_ELEMENTS).clamp(1, MAX_GROUPS);
    let sums = empty(&total, [tensors.len() * across]);
    let mut counts = [0; SQUARED_AT_ONCE + 1];
    for (values, tensor) in counts.iter_mut().zip(tensors) {
        *values = (count(tensor) / elements) as u32;
    }
    let mut buffers: Vec<_> = tensors.iter().map(read).collect();
    buffers.push(write(&sums));
    launch! {
        "reduction/square_sum" { Width: width, Tensors: Tensors::ALL[tensors.len() - 1] },
        client: client,
        workgroups: [across, tensors.len(), 1],
        buffers: &buffers,
        uniforms: { counts: counts },
    }
    let output = empty(&total, [1]);
    launch! {
        "reduction/square_sum_total" {},
        client: client,
        workgroups: [1, 1, 1],
        buffers: { sums: read(&sums), total: read(&total), output: write(&output) },
        uniforms: { count: tensors.len() * across },
    }
    output
}
