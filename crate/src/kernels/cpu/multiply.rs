//! Products of two tensors, element by element, on the CPU.

use burn::backend::Flex;
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    simd::{BLOCK, widest},
    tensor::{change, values},
};
use crate::kernels::ops::multiply::MultiplyKernel;

impl MultiplyKernel for Flex {
    fn multiply(left: FlexTensor, right: FlexTensor) -> FlexTensor {
        let right = right.to_contiguous();
        change(left, |left| multiply(left, values(&right))).0
    }
}

/// Multiplies elements with those of another slice.
fn multiply(values: &mut [f32], factors: &[f32]) {
    let blocks = values.par_chunks_mut(BLOCK).zip(factors.par_chunks(BLOCK));
    blocks.for_each(|(values, factors)| multiply_block(values, factors));
}

widest! {
    fn multiply_block<'a>(values: &'a mut [f32], factors: &'a [f32]) {
        values.iter_mut().zip(factors).for_each(|(x, factor)| *x *= factor);
    }
}
