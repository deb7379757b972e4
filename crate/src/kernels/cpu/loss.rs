//! Losses of a few rows, with their gradients, on the CPU.

use rayon::prelude::*;

use super::vector;
use crate::kernels::targets::Targets;

/// Replaces logits by their gradient, (weight + shared) · softmax - weight · one-hot(class) - everywhere, and gives the
/// loss.
pub fn cross_entropy(logits: &mut [f32], targets: &Targets, classes: usize) -> f32 {
    let shared = targets.shared();
    let rows = logits
        .par_chunks_mut(classes)
        .zip(&targets.classes)
        .zip(&targets.weights);
    let losses = rows.map(|((row, &class), &weight)| {
        let class = class as usize;
        let most = vector::max(row);
        row.iter_mut().for_each(|x| *x -= most);
        // `exp` and `max` pass over what is not a number; this does not.
        let none = 0.0 * vector::sum(row, row, |x, _| x);
        let chosen = weight * row[class] + vector::sum(row, &targets.everywhere, |x, share| x * share);
        row.iter_mut().for_each(|x| *x = vector::exp(*x));
        let sum = vector::sum(row, row, |x, _| x);
        let scale = (weight + shared) / sum;
        row.iter_mut().for_each(|x| *x *= scale);
        row[class] -= weight;
        row.iter_mut()
            .zip(&targets.everywhere)
            .for_each(|(x, share)| *x -= share);
        (weight + shared) * sum.ln() - chosen + none
    });
    losses.collect::<Vec<f32>>().iter().sum()
}

/// Replaces each logit x by weight · (sigmoid(x) - target), and gives the sum of weight · (log(1 + eˣ) - target · x).
pub fn binary_cross_entropy(logits: &mut [f32], targets: &[f32], weights: &[f32]) -> f32 {
    let mut loss = 0.0;
    for (row, targets) in logits
        .chunks_exact_mut(weights.len())
        .zip(targets.chunks_exact(weights.len()))
    {
        for ((x, target), weight) in row.iter_mut().zip(targets).zip(weights) {
            // e to a number below 0 never overflows.
            let small = (-x.abs()).exp();
            loss += weight * (x.max(0.0) + small.ln_1p() - target * *x);
            let sigmoid = if *x < 0.0 { small } else { 1.0 } / (1.0 + small);
            *x = weight * (sigmoid - target);
        }
    }
    loss
}

/// Replaces states by their gradient and gives weight · Σ (cosine of row i and row pairs + i - goals[i])². With u and v
/// two rows of lengths |u| and |v| and c their cosine, the slope of c along u is v / (|u| |v|) - c u / |u|².
pub fn cosine(states: &mut [f32], goals: &[f32], weight: f32) -> f32 {
    let half = states.len() / 2;
    let hidden = half / goals.len();
    let (us, vs) = states.split_at_mut(half);
    let mut loss = 0.0;
    for ((u, v), goal) in us.chunks_exact_mut(hidden).zip(vs.chunks_exact_mut(hidden)).zip(goals) {
        // As torch's cosine_similarity, no length counts as less than this.
        let length = |x: &[f32]| vector::sum(x, x, |x, _| x * x).sqrt().max(1e-8);
        let (u_length, v_length) = (length(u), length(v));
        let both = u_length * v_length;
        let cosine = vector::sum(u, v, |u, v| u * v) / both;
        loss += weight * (cosine - goal) * (cosine - goal);
        let slope = 2.0 * weight * (cosine - goal);
        let (u_share, v_share) = (cosine / (u_length * u_length), cosine / (v_length * v_length));
        for (u, v) in u.iter_mut().zip(v) {
            (*u, *v) = (slope * (*v / both - u_share * *u), slope * (*u / both - v_share * *v));
        }
    }
    loss
}
