//! What goes by elements on the GPU: dropout, activations, products, squares, AdamW.

use burn::backend::TensorMetadata;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    launch::{Shader, Word, by_elements, empty, is_half, read, read_stored, stored, wgsl, width, words, write},
    product::formula,
    rows::dropout,
};
use crate::kernels::{
    adamw::Factors,
    dropout::Mask,
    fused::{Activation, SQUARED_AT_ONCE},
};

/// Elements of a tensor whose squares one workgroup sums, at least; and its workgroups at most.
const SQUARES: usize = 4096;
const MOST_SUMS: usize = 64;

/// [`Fused::masked`](crate::kernels::fused::Fused::masked)
pub(super) fn masked(tensor: CubeTensor, mask: Mask) -> CubeTensor {
    match mask.is_none() {
        true => tensor,
        false => copied(&into_contiguous(tensor), mask),
    }
}

/// mask · tensor, a new one of the same shape.
fn copied(tensor: &CubeTensor, mask: Mask) -> CubeTensor {
    let mut output = empty(tensor, [count(tensor)]);
    output.meta = tensor.meta.clone();
    let ((of, wide), [key, limit, kept]) = (width(count(tensor)), dropout(mask));
    let values = count(tensor) / wide;
    Shader::new([of, wgsl!("shared/dropout"), wgsl!("elementwise/apply_dropout")]).launch(
        &tensor.client,
        by_elements(values),
        &[read(tensor), write(&output)],
        &words![values, key, limit, kept],
    );
    output
}

/// [`Fused::widened`](crate::kernels::fused::Fused::widened)
pub(super) fn widened(tensor: CubeTensor) -> CubeTensor {
    if !is_half(&tensor) {
        return tensor;
    }
    let mut wide = empty(&tensor, [count(&tensor)]);
    wide.meta = tensor.meta.clone();
    let values = count(&tensor) / 4;
    Shader::new([wgsl!("shared/vec4"), stored(&tensor), wgsl!("elementwise/to_f32")]).launch(
        &tensor.client,
        by_elements(values),
        &[read_stored(&tensor), write(&wide)],
        &words![values],
    );
    wide
}

/// [`Fused::activated`](crate::kernels::fused::Fused::activated). The slopes are written whether asked for or not: it
/// stands alone only where a low-rank pair is added before an activation.
pub(super) fn activated(x: CubeTensor, activation: Activation, with_slope: bool) -> (CubeTensor, Option<CubeTensor>) {
    let Some(formula) = formula(activation) else {
        return (x, None);
    };
    let x = into_contiguous(x);
    let [mut output, mut slopes] = [(); 2].map(|()| empty(&x, [count(&x)]));
    output.meta = x.meta.clone();
    slopes.meta = x.meta.clone();
    let (of, wide) = width(count(&x));
    let values = count(&x) / wide;
    Shader::new([of, formula, wgsl!("activation/activation")]).launch(
        &x.client,
        by_elements(values),
        &[read(&x), write(&output), write(&slopes)],
        &words![values],
    );
    (output, with_slope.then_some(slopes))
}

/// [`Fused::multiplied`](crate::kernels::fused::Fused::multiplied)
pub(super) fn multiplied(left: CubeTensor, right: CubeTensor) -> CubeTensor {
    let [left, right] = [left, right].map(into_contiguous);
    let mut output = empty(&left, [count(&left)]);
    output.meta = left.meta.clone();
    let (of, wide) = width(count(&left));
    let values = count(&left) / wide;
    Shader::new([of, wgsl!("elementwise/multiply")]).launch(
        &left.client,
        by_elements(values),
        &[read(&left), read(&right), write(&output)],
        &words![values],
    );
    output
}

/// [`Fused::add_squares`](crate::kernels::fused::Fused::add_squares)
pub(super) fn add_squares(total: CubeTensor, tensors: Vec<CubeTensor>) -> CubeTensor {
    let tensors = tensors.into_iter().map(into_contiguous);
    let (in_fours, others): (Vec<_>, Vec<_>) = tensors.partition(|tensor| count(tensor).is_multiple_of(4));
    [in_fours, others]
        .iter()
        .filter(|some| !some.is_empty())
        .fold(total, |total, some| add_squares_of(total, some))
}

/// Of tensors that are all taken four elements at a time, or all one.
fn add_squares_of(total: CubeTensor, tensors: &[CubeTensor]) -> CubeTensor {
    let client = &total.client;
    let (of, wide) = width(count(&tensors[0]));
    let most = tensors.iter().map(count).max().unwrap_or(0);
    let across = most.div_ceil(SQUARES).clamp(1, MOST_SUMS);
    let sums = empty(&total, [tensors.len() * across]);
    let mut words = [Word::from(0u32); SQUARED_AT_ONCE + 1];
    for (word, tensor) in words.iter_mut().zip(tensors) {
        *word = (count(tensor) / wide).into();
    }
    let mut buffers: Vec<_> = tensors.iter().map(read).collect();
    buffers.push(write(&sums));
    // A line of the shader for each tensor.
    Shader::new([of, wgsl!("reduction/square_sum")])
        .with("rows", tensors.len())
        .with("sums", tensors.len())
        .with("sizes", buffers.len())
        .launch(client, [across, tensors.len(), 1], &buffers, &words);
    let output = empty(&total, [1]);
    Shader::new([wgsl!("reduction/square_sum_total")]).launch(
        client,
        [1, 1, 1],
        &[read(&sums), read(&total), write(&output)],
        &words![tensors.len() * across],
    );
    output
}

/// [`Fused::adamw`](crate::kernels::fused::Fused::adamw), in place where nobody else holds a tensor.
pub(super) fn adamw(
    parameter: CubeTensor,
    gradient: CubeTensor,
    first: CubeTensor,
    second: CubeTensor,
    factors: Factors,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let gradient = into_contiguous(gradient);
    let [parameter, first, second] = [parameter, first, second].map(owned);
    let (of, wide) = width(count(&parameter));
    let values = count(&parameter) / wide;
    Shader::new([of, wgsl!("adamw/adamw")]).launch(
        &parameter.client,
        by_elements(values),
        &[write(&parameter), write(&first), write(&second), read(&gradient)],
        &words_of(values, &factors),
    );
    (parameter, first, second)
}

/// [`Fused::adamw_undo`](crate::kernels::fused::Fused::adamw_undo)
pub(super) fn adamw_undo(parameter: CubeTensor, first: CubeTensor, second: CubeTensor, factors: Factors) -> CubeTensor {
    let parameter = owned(parameter);
    let [first, second] = [first, second].map(into_contiguous);
    let (of, wide) = width(count(&parameter));
    let values = count(&parameter) / wide;
    Shader::new([of, wgsl!("adamw/adamw_roll_back")]).launch(
        &parameter.client,
        by_elements(values),
        &[write(&parameter), read(&first), read(&second)],
        &words_of(values, &factors),
    );
    parameter
}

/// As adamw.wgsl has them.
fn words_of(values: usize, factors: &Factors) -> [Word; 8] {
    words![
        values,
        factors.keep,
        factors.size,
        factors.root_scale,
        factors.epsilon,
        factors.beta1,
        factors.beta2,
        factors.gradient_scale,
    ]
}

/// The tensor itself, or a copy where somebody else holds it too.
pub(super) fn owned(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    match tensor.can_mut() {
        true => tensor,
        false => copied(&tensor, Mask::NONE),
    }
}

pub(super) fn count(tensor: &CubeTensor) -> usize {
    tensor.shape().num_elements()
}
