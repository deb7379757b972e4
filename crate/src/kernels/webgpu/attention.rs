//! Self-attention on the GPU: products of heads, read where they stand, around a softmax by rows. The weights have rows
//! of seq_len rounded up to a multiple of 4, 0 beyond: so every product of them goes by blocks.

use burn::backend::Cube;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    launch::{Bound, Shader, empty, read, wgsl, words, write},
    product::{Product, Stride},
    rows::{dropout, row_groups, rows_file},
};
use crate::kernels::fused::{Attended, AttentionShape, Transposed};

/// [`Fused::attention_forward`](crate::kernels::fused::Fused::attention_forward)
pub(super) fn forward(
    query: CubeTensor,
    key: CubeTensor,
    value: CubeTensor,
    bias: CubeTensor,
    shape: AttentionShape,
) -> (CubeTensor, Attended<Cube>) {
    let [query, key, value, bias] = [query, key, value, bias].map(into_contiguous);
    let weights = empty_scores(&query, &shape);
    launch(&shape, Form::OfStates, &query, &key, &weights);

    let client = &query.client;
    let rows = shape.batch * shape.heads * shape.seq_len;
    let [key_of_mask, limit, kept] = dropout(shape.mask);
    let words = words![
        rows,
        shape.heads * shape.seq_len,
        shape.seq_len,
        shape.scale(),
        key_of_mask,
        limit,
        kept
    ];
    let dropped = (!shape.mask.is_none()).then(|| empty_scores(&query, &shape));
    let mut buffers: Vec<Bound> = vec![write(&weights), read(&bias)];
    buffers.extend(dropped.as_ref().map(write));
    let ending = match dropped {
        None => wgsl!("attention/softmax_no_dropout"),
        Some(_) => wgsl!("attention/softmax_dropout"),
    };
    Shader::new([
        rows_file(client),
        wgsl!("shared/vec4"),
        wgsl!("shared/dropout"),
        wgsl!("attention/softmax"),
        ending,
    ])
    .with("sizes", buffers.len())
    .launch(client, row_groups(client, rows), &buffers, &words);

    let context = empty(&query, query.meta.shape().dims::<2>());
    launch(
        &shape,
        Form::ToStates,
        dropped.as_ref().unwrap_or(&weights),
        &value,
        &context,
    );
    let state = Attended {
        query,
        key,
        value,
        weights,
    };
    (context, state)
}

/// [`Fused::attention_backward`](crate::kernels::fused::Fused::attention_backward)
pub(super) fn backward(state: Attended<Cube>, gradient: CubeTensor, shape: AttentionShape) -> [CubeTensor; 3] {
    let Attended {
        query,
        key,
        value,
        weights,
    } = state;
    let gradient = into_contiguous(gradient);
    let client = &query.client;
    // First the gradient of the weights, then, in place, of the scores.
    let d_scores = empty_scores(&query, &shape);
    launch(&shape, Form::OfStates, &gradient, &value, &d_scores);

    let dropped = empty_scores(&query, &shape);
    let rows = shape.batch * shape.heads * shape.seq_len;
    let [key_of_mask, limit, kept] = dropout(shape.mask);
    Shader::new([
        rows_file(client),
        wgsl!("shared/vec4"),
        wgsl!("shared/dropout"),
        wgsl!("attention/softmax_backward"),
    ])
    .launch(
        client,
        row_groups(client, rows),
        &[write(&d_scores), read(&weights), write(&dropped)],
        &words![rows, shape.seq_len, shape.scale(), key_of_mask, limit, kept],
    );

    let states = || empty(&query, query.meta.shape().dims::<2>());
    let [d_query, d_key, d_value] = [states(), states(), states()];
    launch(&shape, Form::ToStates, &d_scores, &key, &d_query);
    launch(&shape, Form::ToStatesTransposed, &d_scores, &query, &d_key);
    launch(&shape, Form::ToStatesTransposed, &dropped, &gradient, &d_value);
    [d_query, d_key, d_value]
}

fn empty_scores(beside: &CubeTensor, shape: &AttentionShape) -> CubeTensor {
    let row = shape.seq_len.next_multiple_of(4);
    empty(beside, [shape.batch, shape.heads, shape.seq_len, row])
}

enum Form {
    /// states · statesᵀ: scores
    OfStates,
    /// scores · states
    ToStates,
    /// scoresᵀ · states
    ToStatesTransposed,
}

fn launch(shape: &AttentionShape, form: Form, left: &CubeTensor, right: &CubeTensor, output: &CubeTensor) {
    let (states, scores) = (Stride::head(shape), Stride::scores(shape));
    let (columns, depth, transposed, left_stride, output_stride) = match form {
        Form::OfStates => (shape.seq_len, shape.head_dim, Some(Transposed::Right), states, scores),
        Form::ToStates => (shape.head_dim, shape.seq_len, None, scores, states),
        Form::ToStatesTransposed => (shape.head_dim, shape.seq_len, Some(Transposed::Left), scores, states),
    };
    Product {
        rows: shape.seq_len,
        columns,
        depth,
        heads: shape.heads,
        texts: shape.batch,
        transposed,
        left: (left, left_stride),
        right: (right, states),
        output: (output, output_stride),
    }
    .launch(&[wgsl!("matmul/epilogue_none")], Vec::new());
}
