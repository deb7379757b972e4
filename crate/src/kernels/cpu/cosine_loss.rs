//! The squared error of the cosine of pairs of rows, with its gradient, on the CPU.

use burn::backend::Flex;
use burn_flex::FlexTensor;

use super::{
    simd,
    tensor::{change, tensor},
};
use crate::kernels::ops::cosine_loss::CosineLossKernel;

impl CosineLossKernel for Flex {
    fn cosine_loss(states: FlexTensor, goals: &[f32], weight: f32) -> (FlexTensor, FlexTensor) {
        let (gradient, loss) = change(states, |states| cosine_loss(states, goals, weight));
        (tensor(vec![loss], [1]), gradient)
    }
}

/// Replaces states by their gradient and gives weight · Σ (cosine of row i and row pairs + i - goals[i])². With u and v
/// two rows of lengths |u| and |v| and c their cosine, the derivative of c by u is v / (|u| |v|) - c u / |u|².
fn cosine_loss(states: &mut [f32], goals: &[f32], weight: f32) -> f32 {
    let half = states.len() / 2;
    let hidden = half / goals.len();
    let (us, vs) = states.split_at_mut(half);
    let mut loss = 0.0;
    for ((u, v), goal) in us.chunks_exact_mut(hidden).zip(vs.chunks_exact_mut(hidden)).zip(goals) {
        // No length counts as less than 1e-8, as in torch's cosine_similarity.
        let length = |x: &[f32]| simd::sum(x, x, |x, _| x * x).sqrt().max(1e-8);
        let (u_length, v_length) = (length(u), length(v));
        let both = u_length * v_length;
        let cosine = simd::sum(u, v, |u, v| u * v) / both;
        loss += weight * (cosine - goal) * (cosine - goal);
        let d_cosine = 2.0 * weight * (cosine - goal);
        let (u_share, v_share) = (cosine / (u_length * u_length), cosine / (v_length * v_length));
        for (u, v) in u.iter_mut().zip(v) {
            (*u, *v) = (
                d_cosine * (*v / both - u_share * *u),
                d_cosine * (*u / both - v_share * *v),
            );
        }
    }
    loss
}
