//! The boundary's calls for masked-language modelling, and for a new model.

use wasm_bindgen::prelude::*;

use super::{
    Encoding, WasmEngine, fail, from_js,
    results::{MaskedLoss, NamedValues},
    to_js,
};
use crate::{
    engine::{self, CreateOptions},
    text::{Masked, MaskingOptions, Row},
    train::TrainOptions,
};

#[wasm_bindgen]
impl WasmEngine {
    /// Learns a vocabulary from the texts and makes a new model, which replaces a loaded one.
    pub fn create(&mut self, texts: Vec<String>, options: JsValue) -> Result<(), JsValue> {
        let options: CreateOptions = from_js("options", options)?;
        self.loaded = Some(engine::Engine::create(self.device.clone(), &texts, options).map_err(fail)?);
        Ok(())
    }

    /// The likeliest tokens for each `[MASK]` of the first row.
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

    /// The summed loss of the masked tokens of some rows.
    #[wasm_bindgen(js_name = maskedLoss, unchecked_return_type = "MaskedLoss")]
    pub async fn masked_loss(&self, rows: &Encoding, indices: Vec<u32>, options: JsValue) -> Result<JsValue, JsValue> {
        let masking: MaskingOptions = from_js("options", options)?;
        let chosen = rows.choose(&indices)?;
        let numbered: Vec<(usize, &Row)> = indices.iter().map(|&index| index as usize).zip(chosen).collect();
        let (loss, masked_tokens) = self.engine()?.masked_loss(&numbered, masking).await.map_err(fail)?;
        to_js(&MaskedLoss { loss, masked_tokens })
    }

    /// The gradient of each parameter, and the loss under the name "loss", of masked rows; for tests. `ids` and `labels`
    /// hold the rows end to end, and a label of -1 marks a token that was not masked.
    #[wasm_bindgen(js_name = maskedGradients, unchecked_return_type = "NamedValues[]")]
    pub async fn masked_gradients(&self, ids: &[u32], labels: &[i32], lengths: &[u32]) -> Result<JsValue, JsValue> {
        let mut tokens = ids.iter().copied().zip(labels.iter().copied());
        let rows: Vec<Masked> = lengths
            .iter()
            .map(|&length| {
                let (input_ids, labels): (Vec<u32>, Vec<i32>) = tokens.by_ref().take(length as usize).unzip();
                let masked = labels.into_iter().enumerate().filter(|&(_, label)| label >= 0);
                Masked {
                    targets: masked.map(|(place, label)| (place, label as u32)).collect(),
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
        let named: Vec<NamedValues> = gradients.into_iter().chain([loss]).map(Into::into).collect();
        to_js(&named)
    }
}
