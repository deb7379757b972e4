//! The boundary's calls that make a smaller model of the loaded one: pruning and distillation.

use wasm_bindgen::prelude::*;

use super::{
    convert::{fail, from_js, to_js},
    encoding::Encoding,
    engine::WasmEngine,
    targets::row_targets,
};
use crate::train::{DistillOptions, TrainOptions};

#[wasm_bindgen]
impl WasmEngine {
    /// Drops the word pieces that none of the texts use.
    #[wasm_bindgen(js_name = pruneVocabulary)]
    pub async fn prune_vocabulary(&mut self, texts: Vec<String>) -> Result<(), JsValue> {
        self.engine_mut()?.prune_vocabulary(&texts).await.map_err(fail)
    }

    /// Keeps these layers alone.
    #[wasm_bindgen(js_name = pruneLayers)]
    pub fn prune_layers(&mut self, kept: Vec<u32>) -> Result<(), JsValue> {
        self.engine_mut()?.prune_layers(&layers(kept)).map_err(fail)
    }

    /// Logits `[indices, labels]`, by these layers alone.
    #[wasm_bindgen(js_name = logitsWithLayers)]
    pub async fn logits_with_layers(
        &self,
        rows: &Encoding,
        indices: Vec<u32>,
        kept: Vec<u32>,
    ) -> Result<Vec<f32>, JsValue> {
        let (engine, chosen) = (self.engine()?, rows.choose(&indices)?);
        engine.logits_with_layers(&chosen, &layers(kept)).await.map_err(fail)
    }

    /// Begins a run that teaches a smaller model, which takes the place of the loaded one.
    #[wasm_bindgen(js_name = beginDistillation)]
    pub fn begin_distillation(
        &mut self,
        rows: &Encoding,
        targets: Vec<u32>,
        ends: Option<Vec<u32>>,
        options: JsValue,
        distill: JsValue,
    ) -> Result<JsValue, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        let distill: DistillOptions = from_js("options", distill)?;
        let targets = row_targets(targets, ends)?;
        let engine = self.engine_mut()?;
        to_js(
            &engine
                .begin_distillation(rows.rows.clone(), targets, options, distill)
                .map_err(fail)?,
        )
    }
}

fn layers(kept: Vec<u32>) -> Vec<usize> {
    kept.into_iter().map(|layer| layer as usize).collect()
}
