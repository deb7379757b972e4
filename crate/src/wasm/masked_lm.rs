//! The part of the boundary that masked-language modelling and models from nothing need.

use wasm_bindgen::prelude::*;

use super::{Encoding, Engine, fail, from_js, testing::pair, to_js};
use crate::{
    engine::{self, CreateOptions},
    text::{MaskedRow, MaskingOptions, Row},
    train::TrainOptions,
};

#[wasm_bindgen]
impl Engine {
    /// Learns a vocabulary from texts and makes a new model, in place of what was loaded.
    pub fn create(&mut self, texts: Vec<String>, options: JsValue) -> Result<(), JsValue> {
        let options: CreateOptions = from_js("options", options)?;
        self.loaded = Some(engine::Engine::create(self.device.clone(), &texts, options).map_err(fail)?);
        Ok(())
    }

    /// Lists of `{ score, token, token_str, sequence }`, one for each `[MASK]` of the one row.
    #[wasm_bindgen(js_name = fillMask)]
    pub async fn fill_mask(&self, rows: &Encoding, top_k: usize) -> Result<JsValue, JsValue> {
        let row = rows.choose(&[0])?[0];
        to_js(&self.engine()?.fill_mask(row, top_k).await.map_err(fail)?)
    }

    /// Begins a run of masked-language modelling.
    #[wasm_bindgen(js_name = beginPretraining)]
    pub fn begin_pretraining(&mut self, rows: &Encoding, options: JsValue) -> Result<JsValue, JsValue> {
        let masking: MaskingOptions = from_js("options", options.clone())?;
        let options: TrainOptions = from_js("options", options)?;
        let engine = self.engine_mut()?;
        to_js(
            &engine
                .begin_pretraining(rows.rows.clone(), options, masking)
                .map_err(fail)?,
        )
    }

    /// `[summed loss, masked tokens]` of some rows.
    #[wasm_bindgen(js_name = maskedLoss)]
    pub async fn masked_loss(&self, rows: &Encoding, indices: Vec<u32>, options: JsValue) -> Result<Vec<f32>, JsValue> {
        let masking: MaskingOptions = from_js("options", options)?;
        let chosen = rows.choose(&indices)?;
        let numbered: Vec<(usize, &Row)> = indices.iter().map(|&index| index as usize).zip(chosen).collect();
        let (loss, count) = self.engine()?.masked_loss(&numbered, masking).await.map_err(fail)?;
        Ok(vec![loss, count as f32])
    }

    /// `[name, gradient]` of each parameter, and `["loss", [loss]]`, for masked rows end to end, with -1 for a label where
    /// nothing is asked; for tests.
    #[wasm_bindgen(js_name = maskedGradients)]
    pub async fn masked_gradients(
        &self,
        ids: &[u32],
        labels: &[i32],
        lengths: &[u32],
    ) -> Result<js_sys::Array, JsValue> {
        let mut tokens = ids.iter().copied().zip(labels.iter().copied());
        let rows: Vec<MaskedRow> = lengths
            .iter()
            .map(|&length| {
                let (input_ids, labels): (Vec<u32>, Vec<i32>) = tokens.by_ref().take(length as usize).unzip();
                let asked = labels.into_iter().enumerate().filter(|&(_, label)| label >= 0);
                MaskedRow {
                    targets: asked.map(|(place, label)| (place, label as u32)).collect(),
                    row: Row {
                        token_type_ids: vec![0; input_ids.len()],
                        input_ids,
                        truncated: false,
                    },
                }
            })
            .collect();
        let (loss, gradients) = self.engine()?.masked_gradients(&rows).await.map_err(fail)?;
        let loss = ("loss".to_owned(), vec![loss]);
        Ok(gradients.into_iter().chain([loss]).map(pair).collect())
    }
}
