//! The word embeddings of a run: its rows use a few thousand of the vocabulary's tens of thousands of ids, and only
//! those get gradients and moments.
//!
//! The results are those of training the full table. AdamW changes an embedding without a gradient by its weight decay
//! alone, so the unused embeddings are multiplied with the decay of all steps so far when the full table is asked for.

use std::collections::BTreeSet;

use burn::tensor::Tensor;

use crate::{
    kernels::{gather_rows, scatter_rows},
    text::Row,
};

/// The full table as it was before the run, and which of its embeddings the run trains.
pub struct SparseEmbedding {
    /// `[vocab, hidden]`
    table: Tensor<2>,
    /// Ids of the trained embeddings, ascending.
    ids: Vec<u32>,
    /// Product of (1 - learning rate · weight decay) over the steps done.
    decay: f64,
}

impl SparseEmbedding {
    /// Takes the ids that `rows` and `others` use, and renumbers the rows by each id's place among them. `others` are
    /// ids such as the padding's. Gives also the embeddings of these ids, `[ids, hidden]`, and the others' new ids.
    pub fn new<const N: usize>(table: Tensor<2>, rows: &mut [Row], others: [u32; N]) -> (Self, Tensor<2>, [u32; N]) {
        let used = rows.iter().flat_map(|row| row.input_ids.iter().copied());
        let ids: Vec<u32> = used.chain(others).collect::<BTreeSet<u32>>().into_iter().collect();
        let new_id = |id: u32| ids.partition_point(|&other| other < id) as u32;
        for id in rows.iter_mut().flat_map(|row| &mut row.input_ids) {
            *id = new_id(*id);
        }
        let others = others.map(new_id);
        let trained = gather_rows(table.clone(), ids.clone());
        (Self { table, ids, decay: 1.0 }, trained, others)
    }

    /// The rows of another table for the same ids.
    pub fn rows_of(&self, table: Tensor<2>) -> Tensor<2> {
        gather_rows(table, self.ids.clone())
    }

    /// Records a step's factor of weight decay, 1 - learning rate · weight decay.
    pub fn record_decay(&mut self, factor: f64) {
        self.decay *= factor;
    }

    /// The product of the factors so far.
    pub fn decay(&self) -> f64 {
        self.decay
    }

    /// Takes the product of the factors of another session.
    pub fn set_decay(&mut self, decay: f64) {
        self.decay = decay;
    }

    /// The full table with the trained embeddings in their places.
    ///
    /// # Shapes
    /// - trained: `[ids, hidden]`
    /// - output: `[vocab, hidden]`
    pub fn full_table(&self, trained: Tensor<2>) -> Tensor<2> {
        scatter_rows(self.table.clone(), self.ids.clone(), trained, self.decay as f32)
    }

    /// As [`SparseEmbedding::full_table`], where all others are 0.
    pub fn table_among_zeros(&self, trained: Tensor<2>) -> Tensor<2> {
        let zeros = Tensor::zeros(self.table.dims(), &trained.device());
        scatter_rows(zeros, self.ids.clone(), trained, 1.0)
    }
}
