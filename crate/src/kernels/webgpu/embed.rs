//! BERT's embeddings, and the gradients of their tables.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    gather_rows::{gather_int8, upload},
    pool::COLUMN_THREADS,
    shader::{by_elements, count, empty, is_f16, launch, read, read_stored, stored_width, width, write},
};
use crate::kernels::{
    int8_role,
    ops::{embed::EmbedKernel, to_f32::ToF32Kernel},
};

impl EmbedKernel for Cube {
    /// word\[input_id\] + position\[place in the text\] + token_type\[token_type_id\] of each token.
    fn embed(
        word_embeddings: CubeTensor,
        position_embeddings: CubeTensor,
        token_type_embeddings: CubeTensor,
        input_ids: CubeTensor,
        token_type_ids: CubeTensor,
        seq_len: usize,
    ) -> CubeTensor {
        let (word_embeddings, input_ids) = match int8_role(word_embeddings.dtype) {
            None => (word_embeddings, input_ids),
            // The tokens' own rows, one after the other, are then the table.
            Some(_) => {
                let (input_ids, tokens) = (into_contiguous(input_ids.clone()), count(&input_ids));
                let rows = gather_int8(&word_embeddings, &input_ids.handle, tokens);
                let places: Vec<u32> = (0..tokens as u32).collect();
                let handle = upload(&word_embeddings, &places);
                let (client, device) = (input_ids.client.clone(), input_ids.device());
                let places = CubeTensor::new_contiguous(client, device, input_ids.shape(), handle, input_ids.dtype);
                (rows, places)
            }
        };
        let tables = [word_embeddings, position_embeddings, token_type_embeddings];
        let tables = match tables.iter().all(is_f16) {
            true => tables,
            false => tables.map(Self::to_f32),
        };
        let [word, position, token_type] = tables.map(into_contiguous);
        let [input_ids, token_type_ids] = [input_ids, token_type_ids].map(into_contiguous);
        let (tokens, [_, hidden]) = (count(&input_ids), word.shape().dims());
        let (width, elements) = stored_width(&word, hidden);
        let output = empty(&word, [tokens, hidden]);
        launch! {
            "embedding/embed" { StoredWidth: width },
            client: &word.client,
            workgroups: by_elements(tokens * hidden / elements),
            buffers: {
                word_embeddings: read_stored(&word),
                position_embeddings: read_stored(&position),
                token_type_embeddings: read_stored(&token_type),
                input_ids: read(&input_ids),
                token_type_ids: read(&token_type_ids),
                output: write(&output),
            },
            uniforms: { tokens: tokens, hidden: hidden, seq_len: seq_len },
        }
        output
    }

    /// Gradients of the three tables, which have `rows` rows.
    fn embed_backward(
        gradient: CubeTensor,
        input_ids: CubeTensor,
        token_type_ids: CubeTensor,
        seq_len: usize,
        rows: [usize; 3],
    ) -> [CubeTensor; 3] {
        let [gradient, input_ids, token_type_ids] = [gradient, input_ids, token_type_ids].map(into_contiguous);
        let [tokens, hidden] = gradient.shape().dims();
        let (width, elements) = width(hidden);
        let tables = rows.map(|rows| zeros(&gradient, [rows, hidden]));
        let [word, position, token_type] = &tables;
        launch! {
            "embedding/embed_backward" { Width: width },
            client: &gradient.client,
            workgroups: [(hidden / elements).div_ceil(COLUMN_THREADS), 3, 1],
            buffers: {
                gradient: read(&gradient),
                input_ids: read(&input_ids),
                token_type_ids: read(&token_type_ids),
                d_word: write(word),
                d_position: write(position),
                d_token_type: write(token_type),
            },
            uniforms: { tokens: tokens, hidden: hidden, seq_len: seq_len },
        }
        tables
    }
}

fn zeros(beside: &CubeTensor, shape: [usize; 2]) -> CubeTensor {
    let tensor = empty(beside, shape);
    let (width, elements) = width(shape[1]);
    let values = count(&tensor) / elements;
    launch! {
        "elementwise/zeros" { Width: width },
        client: &tensor.client,
        workgroups: by_elements(values),
        buffers: { x: write(&tensor) },
        uniforms: { count: values },
    }
    tensor
}
