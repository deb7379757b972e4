//! The boundary's calls for a run that goes on elsewhere: the order of its rows, and its tensors.

use wasm_bindgen::prelude::*;

use super::{
    convert::{fail, from_js},
    encoding::Encoding,
    engine::WasmEngine,
    options::TakenName,
};
use crate::train::TrainOptions;

#[wasm_bindgen]
impl WasmEngine {
    /// The steps of an epoch (from 1), one after another. Each gives its number of rows, then their indices.
    #[wasm_bindgen(js_name = epochOrder)]
    pub fn epoch_order(&self, rows: &Encoding, epoch: usize, options: JsValue) -> Result<Vec<u32>, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        let steps = self.engine()?.epoch_order(&rows.rows, epoch, &options).map_err(fail)?;
        let flat = steps
            .iter()
            .flat_map(|rows| std::iter::once(rows.len()).chain(rows.iter().copied()));
        Ok(flat.map(|number| number as u32).collect())
    }

    /// One file of the run under way, in safetensors.
    #[wasm_bindgen(js_name = takeAway)]
    pub async fn take_away(&self, taken: TakenName) -> Result<Vec<u8>, JsValue> {
        self.engine()?.take_away(taken.try_into()?).await.map_err(fail)
    }
}
