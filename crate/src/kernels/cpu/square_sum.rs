//! Sums of squares, on the CPU.

use burn::backend::Flex;
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    simd::{BLOCK, sum, widest},
    tensor::{change, values},
};
use crate::kernels::ops::square_sum::SquareSumKernel;

impl SquareSumKernel for Flex {
    fn add_squares(total: FlexTensor, tensors: Vec<FlexTensor>) -> FlexTensor {
        tensors.into_iter().fold(total, |total, tensor| {
            let tensor = tensor.to_contiguous();
            let squares = square_sum(values(&tensor));
            change(total, |total| total.iter_mut().for_each(|x| *x += squares)).0
        })
    }
}

/// Sum of the squares, of blocks in parallel and of the blocks in their order.
fn square_sum(values: &[f32]) -> f32 {
    let blocks = values.par_chunks(BLOCK).map(square_sum_of_block);
    blocks.collect::<Vec<f32>>().iter().sum()
}

widest! {
    fn square_sum_of_block<'a>(block: &'a [f32]) -> f32 {
        sum(block, block, |x, _| x * x)
    }
}
