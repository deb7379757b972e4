//! Dropout of a tensor, on the CPU.

use burn::backend::Flex;
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    simd::{BLOCK, widest},
    tensor::change,
};
use crate::kernels::{dropout::Mask, ops::dropout::DropoutKernel};

impl DropoutKernel for Flex {
    fn apply_dropout(x: FlexTensor, mask: Mask) -> FlexTensor {
        match mask.is_none() {
            true => x,
            false => change(x, |x| apply_dropout(x, mask)).0,
        }
    }
}

fn apply_dropout(values: &mut [f32], mask: Mask) {
    let blocks = values.par_chunks_mut(BLOCK).enumerate();
    blocks.for_each(|(index, block)| drop_out(mask, index * BLOCK, block));
}

widest! {
    /// Multiplies `values` with the mask, of which they are the elements from `first` on.
    pub fn drop_out<'a>(mask: Mask, first: usize, values: &'a mut [f32]) {
        mask.apply_from(first, values);
    }
}
