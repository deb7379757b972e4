//! The sum of word, position and type embeddings, and its backward, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;

use super::{
    store::add_row,
    tensor::{self, tensor, values},
};
use crate::kernels::ops::embed::EmbedKernel;

impl EmbedKernel for Flex {
    fn embed(
        word_embeddings: FlexTensor,
        positions: FlexTensor,
        types: FlexTensor,
        ids: FlexTensor,
        type_ids: FlexTensor,
        seq_len: usize,
    ) -> FlexTensor {
        let tables = [word_embeddings, positions, types];
        let hidden = tables[0].shape()[1];
        let output = forward(&tables, tensor::ids(&ids), tensor::ids(&type_ids), seq_len, hidden);
        tensor(output, [ids.shape()[0], hidden])
    }

    fn embed_backward(
        gradient: FlexTensor,
        ids: FlexTensor,
        type_ids: FlexTensor,
        seq_len: usize,
        rows: [usize; 3],
    ) -> [FlexTensor; 3] {
        let gradient = gradient.to_contiguous();
        let hidden = gradient.shape()[1];
        let (ids, type_ids) = (tensor::ids(&ids), tensor::ids(&type_ids));
        let tables = backward(values(&gradient), ids, type_ids, seq_len, hidden, rows);
        tables.map(|table| {
            let rows = table.len() / hidden;
            tensor(table, [rows, hidden])
        })
    }
}

/// word_embeddings\[id\] + positions\[place in the text\] + types\[type\] of each token.
fn forward(tables: &[FlexTensor; 3], ids: &[i32], type_ids: &[i32], seq_len: usize, hidden: usize) -> Vec<f32> {
    let mut output = vec![0.0; ids.len() * hidden];
    for (token, target) in output.chunks_exact_mut(hidden).enumerate() {
        for (table, row) in tables.iter().zip(rows_of(token, ids, type_ids, seq_len)) {
            add_row(table, row, target);
        }
    }
    output
}

/// Gradients of the three tables, of `rows` rows each.
fn backward(
    gradient: &[f32],
    ids: &[i32],
    type_ids: &[i32],
    seq_len: usize,
    hidden: usize,
    rows: [usize; 3],
) -> [Vec<f32>; 3] {
    let mut tables = rows.map(|rows| vec![0.0; rows * hidden]);
    for (token, gradient) in gradient.chunks_exact(hidden).enumerate() {
        for (table, row) in tables.iter_mut().zip(rows_of(token, ids, type_ids, seq_len)) {
            let target = &mut table[row * hidden..][..hidden];
            target.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
        }
    }
    tables
}

/// The rows of the three tables that a token has.
fn rows_of(token: usize, ids: &[i32], type_ids: &[i32], seq_len: usize) -> [usize; 3] {
    [ids[token] as usize, token % seq_len, type_ids[token] as usize]
}
