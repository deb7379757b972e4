//! LayerNorm of mask · x + residual, and its gradients.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    column_sums::GROUP_COLUMNS,
    forms::Dropout,
    shader::{empty, launch, read, row_groups, row_threads, slices, width, write},
};
use crate::kernels::{
    dropout::Mask,
    ops::layer_norm::{LayerNormGradients, LayerNormKernel, Normalized},
};

impl LayerNormKernel for Cube {
    /// LayerNorm(mask · x + residual), and what its backward needs.
    fn layer_norm_forward(
        x: CubeTensor,
        residual: CubeTensor,
        gamma: CubeTensor,
        beta: CubeTensor,
        epsilon: f64,
        mask: Mask,
    ) -> (CubeTensor, Normalized<Cube>) {
        let [x, residual, gamma, beta] = [x, residual, gamma, beta].map(into_contiguous);
        let [rows, hidden] = x.shape().dims();
        let (output, normalized) = (empty(&x, [rows, hidden]), empty(&x, [rows, hidden]));
        let inverses = empty(&x, [rows, 1]);
        let (key, limit, scale) = mask.numbers();
        launch! {
            "layer_norm/layer_norm" {
                RowThreads: row_threads(&x),
                Width: width(hidden).0,
                Dropout: Dropout::Mask,
            },
            client: &x.client,
            workgroups: row_groups(&x, rows),
            buffers: {
                x: read(&x),
                residual: read(&residual),
                gamma: read(&gamma),
                beta: read(&beta),
                output: write(&output),
                normalized: write(&normalized),
                inverse_std: write(&inverses),
            },
            uniforms: {
                rows: rows,
                hidden: hidden,
                epsilon: epsilon as f32,
                dropout_key: key,
                dropout_limit: limit,
                dropout_scale: scale,
            },
        }
        (output, Normalized { normalized, inverses })
    }

    /// Gradients of x, residual, gamma and beta.
    fn layer_norm_backward(
        state: Normalized<Cube>,
        gamma: CubeTensor,
        gradient: CubeTensor,
        mask: Mask,
    ) -> LayerNormGradients<Cube> {
        let Normalized { normalized, inverses } = state;
        let [gamma, gradient] = [gamma, gradient].map(into_contiguous);
        let [rows, hidden] = gradient.shape().dims();
        let (client, (width, elements)) = (&gradient.client, width(hidden));
        let gradients = LayerNormGradients {
            input: empty(&gradient, [rows, hidden]),
            residual: empty(&gradient, [rows, hidden]),
            gamma: empty(&gradient, [hidden]),
            beta: empty(&gradient, [hidden]),
        };
        let (key, limit, scale) = mask.numbers();
        launch! {
            "layer_norm/layer_norm_backward" { RowThreads: row_threads(&gradient), Width: width, Dropout: Dropout::Mask },
            client: client,
            workgroups: row_groups(&gradient, rows),
            buffers: {
                gradient: read(&gradient),
                normalized: read(&normalized),
                inverse_std: read(&inverses),
                gamma: read(&gamma),
                d_input: write(&gradients.input),
                d_residual: write(&gradients.residual),
            },
            uniforms: {
                rows: rows,
                hidden: hidden,
                dropout_key: key,
                dropout_limit: limit,
                dropout_scale: scale,
            },
        }
        launch! {
            "layer_norm/layer_norm_sums" { Width: width, Slices: slices(&gradient) },
            client: client,
            workgroups: [hidden.div_ceil(GROUP_COLUMNS * elements), 1, 1],
            buffers: {
                gradient: read(&gradient),
                normalized: read(&normalized),
                d_gamma: write(&gradients.gamma),
                d_beta: write(&gradients.beta),
            },
            uniforms: { rows: rows, hidden: hidden },
        }
        gradients
    }
}
