//! The words of a run: its rows use a few thousand of the vocabulary's tens of thousands of embeddings, and only
//! those get gradients and moments.
//!
//! This changes no number. AdamW moves a row that never had a gradient by its weight decay alone, so the rows that no
//! training text uses are multiplied with the decays of the steps so far when somebody asks for the whole table.

use std::collections::BTreeSet;

use burn::tensor::{Int, Tensor, TensorData};

use crate::text::Row;

/// The whole table as it was, and which of its rows the run trains.
pub struct RunVocabulary {
    table: Tensor<2>,
    /// Ids of the trained rows, ascending.
    ids: Vec<u32>,
    /// Product of (1 - learning rate · weight decay) over the steps done.
    kept: f64,
}

impl RunVocabulary {
    /// Takes the ids that rows and padding use, and renumbers the rows by their place among them.
    /// Gives also the embeddings of these ids, `[ids, hidden]`, and the padding's new id.
    pub fn begin(table: Tensor<2>, rows: &mut [Row], pad_id: u32) -> (Self, Tensor<2>, u32) {
        let used = rows.iter().flat_map(|row| row.input_ids.iter().copied());
        let ids: Vec<u32> = used.chain([pad_id]).collect::<BTreeSet<u32>>().into_iter().collect();
        let place = |id: u32| ids.partition_point(|&other| other < id) as u32;
        for id in rows.iter_mut().flat_map(|row| &mut row.input_ids) {
            *id = place(*id);
        }
        let pad_id = place(pad_id);
        let indices = indices(ids.iter().copied(), &table);
        let trained = table.clone().select(0, indices);
        (Self { table, ids, kept: 1.0 }, trained, pad_id)
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
        let vocab = self.table.dims()[0] as u32;
        let mut places: Vec<u32> = (0..vocab).collect();
        for (place, &id) in self.ids.iter().enumerate() {
            places[id as usize] = vocab + place as u32;
        }
        let untouched = match self.kept {
            1.0 => self.table.clone(),
            kept => self.table.clone() * kept,
        };
        let indices = indices(places, &self.table);
        Tensor::cat(vec![untouched, trained], 0).select(0, indices)
    }
}

fn indices(ids: impl IntoIterator<Item = u32>, beside: &Tensor<2>) -> Tensor<1, Int> {
    let ids: Vec<i32> = ids.into_iter().map(|id| id as i32).collect();
    let count = ids.len();
    Tensor::from_data(TensorData::new(ids, [count]), &beside.device())
}
