//! Tokenized rows as JavaScript holds them.

use wasm_bindgen::prelude::*;

use super::convert::fail;
use crate::{Error, text::Row};

/// Tokenized rows, kept in wasm.
#[wasm_bindgen]
pub struct Encoding {
    pub(super) rows: Vec<Row>,
}

#[wasm_bindgen]
impl Encoding {
    /// Number of rows.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.rows.len()
    }

    /// Number of rows that were cut to `maxLength`.
    #[wasm_bindgen(getter)]
    pub fn truncated(&self) -> usize {
        self.rows.iter().filter(|row| row.truncated).count()
    }

    /// Indices of the rows that were cut.
    #[wasm_bindgen(js_name = cutRows)]
    pub fn cut_rows(&self) -> Vec<u32> {
        let cut = self.rows.iter().enumerate().filter(|(_, row)| row.truncated);
        cut.map(|(index, _)| index as u32).collect()
    }

    /// Tokens of each row.
    pub fn lengths(&self) -> Vec<u32> {
        self.rows.iter().map(|row| row.input_ids.len() as u32).collect()
    }

    /// Appends the rows of another encoding, which is freed.
    pub fn append(&mut self, other: Encoding) {
        self.rows.extend(other.rows);
    }

    pub(super) fn choose(&self, indices: &[u32]) -> Result<Vec<&Row>, JsValue> {
        indices
            .iter()
            .map(|&index| {
                let row = self.rows.get(index as usize);
                row.ok_or_else(|| fail(Error::bad_row(format!("row {index} of {}", self.rows.len()))))
            })
            .collect()
    }
}
