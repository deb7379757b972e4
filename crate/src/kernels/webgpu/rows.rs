//! What goes by rows on the GPU: LayerNorm, sums over the rows.

use burn::{
    backend::{Cube, TensorMetadata},
    cubecl::client::Client,
};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::launch::{File, Shader, Word, empty, groups, has_subgroups, is_software, read, wgsl, width, words, write};
use crate::kernels::{
    dropout::Mask,
    fused::{LayerNormGradients, Normalized},
};

/// Columns, in values, of a workgroup that sums over the rows.
const WIDE: usize = 8;

/// The file that says how threads share a row: the first of a shader, since what it enables must be. It has the main,
/// which calls `by_row` of the shader.
pub(super) fn rows_file(client: &Client) -> File {
    match (has_subgroups(), is_software(client)) {
        (true, _) => wgsl!("shared/row_per_subgroup"),
        (false, true) => wgsl!("shared/row_per_thread"),
        (false, false) => wgsl!("shared/row_per_16_threads"),
    }
}

/// Workgroups for all rows: as many rows each as [`rows_file`] says.
pub(super) fn row_groups(client: &Client, rows: usize) -> [usize; 3] {
    let each = match (has_subgroups(), is_software(client)) {
        // Of the largest that the adapter may use; with smaller ones the last workgroups have nothing to do.
        (true, _) => 128 / client.properties().hardware.plane_size_max.clamp(1, 128) as usize,
        (false, true) => 16,
        (false, false) => 8,
    };
    groups(rows.div_ceil(each))
}

/// Threads that share a column of a sum over the rows.
fn slices(client: &Client) -> usize {
    if is_software(client) { 4 } else { 16 }
}

/// A mask as dropout.wgsl takes it: key, limit, kept.
pub(super) fn dropout(mask: Mask) -> [Word; 3] {
    let (key, limit, kept) = mask.numbers();
    words![key, limit, kept]
}

/// [`Fused::column_sums`](crate::kernels::fused::Fused::column_sums)
pub(super) fn column_sums(x: CubeTensor) -> CubeTensor {
    let x = into_contiguous(x);
    let [rows, columns] = x.shape().dims();
    let (of, wide) = width(columns);
    let sums = empty(&x, [columns]);
    Shader::new([of, wgsl!("reduction/column_sums")])
        .with("slices", slices(&x.client))
        .launch(
            &x.client,
            [columns.div_ceil(WIDE * wide), 1, 1],
            &[read(&x), write(&sums)],
            &words![rows, columns],
        );
    sums
}

/// [`Fused::layer_norm_forward`](crate::kernels::fused::Fused::layer_norm_forward)
pub(super) fn layer_norm(
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
    let [key, limit, kept] = dropout(mask);
    Shader::new([
        rows_file(&x.client),
        width(hidden).0,
        wgsl!("shared/dropout"),
        wgsl!("layer_norm/layer_norm"),
    ])
    .launch(
        &x.client,
        row_groups(&x.client, rows),
        &[
            read(&x),
            read(&residual),
            read(&gamma),
            read(&beta),
            write(&output),
            write(&normalized),
            write(&inverses),
        ],
        &words![rows, hidden, epsilon as f32, key, limit, kept],
    );
    (output, Normalized { normalized, inverses })
}

/// [`Fused::layer_norm_backward`](crate::kernels::fused::Fused::layer_norm_backward)
pub(super) fn layer_norm_backward(
    state: Normalized<Cube>,
    gamma: CubeTensor,
    gradient: CubeTensor,
    mask: Mask,
) -> LayerNormGradients<Cube> {
    let Normalized { normalized, inverses } = state;
    let [gamma, gradient] = [gamma, gradient].map(into_contiguous);
    let [rows, hidden] = gradient.shape().dims();
    let (client, (of, wide)) = (&gradient.client, width(hidden));
    let found = LayerNormGradients {
        input: empty(&gradient, [rows, hidden]),
        residual: empty(&gradient, [rows, hidden]),
        gamma: empty(&gradient, [hidden]),
        beta: empty(&gradient, [hidden]),
    };
    let [key, limit, kept] = dropout(mask);
    Shader::new([
        rows_file(client),
        of,
        wgsl!("shared/dropout"),
        wgsl!("layer_norm/layer_norm_backward"),
    ])
    .launch(
        client,
        row_groups(client, rows),
        &[
            read(&gradient),
            read(&normalized),
            read(&inverses),
            read(&gamma),
            write(&found.input),
            write(&found.residual),
        ],
        &words![rows, hidden, key, limit, kept],
    );
    Shader::new([of, wgsl!("layer_norm/layer_norm_sums")])
        .with("slices", slices(client))
        .launch(
            client,
            [hidden.div_ceil(WIDE * wide), 1, 1],
            &[
                read(&gradient),
                read(&normalized),
                write(&found.gamma),
                write(&found.beta),
            ],
            &words![rows, hidden],
        );
    found
}
