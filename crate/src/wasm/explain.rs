//! The boundary's calls of explanations.

use wasm_bindgen::prelude::*;

use super::{convert::fail, engine::WasmEngine};

#[wasm_bindgen]
impl WasmEngine {
    /// The evidence for a label: of the text or pair, and of the blank text.
    pub async fn evidence(&self, text: String, pair: Option<String>, label: usize) -> Result<Vec<f64>, JsValue> {
        let found = self.engine()?.evidence(&text, pair.as_deref(), label).await;
        Ok(found.map_err(fail)?.to_vec())
    }

    /// What the steps `from` to under `to` of `steps` give to each token's attribution.
    #[wasm_bindgen(js_name = integratedGradients)]
    pub async fn integrated_gradients(
        &self,
        text: String,
        pair: Option<String>,
        label: usize,
        steps: usize,
        from: usize,
        to: usize,
    ) -> Result<Vec<f64>, JsValue> {
        let engine = self.engine()?;
        let found = engine.integrated_gradients(&text, pair.as_deref(), label, steps, from..to);
        found.await.map_err(fail)
    }
}
