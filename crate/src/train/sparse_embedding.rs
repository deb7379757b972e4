//! The words of a run: its rows use a few thousand of the vocabulary's tens of thousands of embeddings, and only
//! those get gradients and moments.
//!
//! This changes no number. AdamW moves a row that never had a gradient by its weight decay alone, so the rows that no
//! training text uses are multiplied with the decays of the steps so far when somebody asks for the whole table.

use std::collections::BTreeSet;

use burn::tensor::Tensor;

use crate::{
    kernels::{gather_rows, scatter_rows},
    text::Row,
};

/// The whole table as it was, and which of its rows the run trains.
pub struct RunVocabulary {
    table: Tensor<2>,
    /// Ids of the trained rows, ascending.
    ids: Vec<u32>,
    /// Product of (1 - learning rate · weight decay) over the steps done.
    kept: f64,
}

impl RunVocabulary {
    /// Takes the ids that rows and `others` use, such as the padding's, and renumbers the rows by their place among them.
    /// Gives also the embeddings of these ids, `[ids, hidden]`, and the others' new ids.
    pub fn begin<const N: usize>(table: Tensor<2>, rows: &mut [Row], others: [u32; N]) -> (Self, Tensor<2>, [u32; N]) {
        let used = rows.iter().flat_map(|row| row.input_ids.iter().copied());
        let ids: Vec<u32> = used.chain(others).collect::<BTreeSet<u32>>().into_iter().collect();
        let place = |id: u32| ids.partition_point(|&other| other < id) as u32;
        for id in rows.iter_mut().flat_map(|row| &mut row.input_ids) {
            *id = place(*id);
        }
        let others = others.map(place);
        let trained = gather_rows(table.clone(), ids.clone());
        (Self { table, ids, kept: 1.0 }, trained, others)
    }

    /// Notes a step's decay.
    pub fn decay(&mut self, keep: f64) {
        self.kept *= keep;
    }

    /// The whole table with the trained rows in their places.
    ///
    /// # Shapes
    /// - trained: `[ids, hidden]`
    /// - output: `[vocab, hidden]`
    pub fn whole(&self, trained: Tensor<2>) -> Tensor<2> {
        scatter_rows(self.table.clone(), self.ids.clone(), trained, self.kept as f32)
    }
}
