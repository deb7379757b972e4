//! The boundary's calls that save a checkpoint, one for each of its files.

use wasm_bindgen::prelude::*;

use super::{
    convert::fail,
    engine::WasmEngine,
    options::{SavedClass, SavedDtype},
};

#[wasm_bindgen]
impl WasmEngine {
    /// `model.safetensors`.
    pub async fn save(&self, saved_class: SavedClass, dtype: SavedDtype) -> Result<Vec<u8>, JsValue> {
        let engine = self.engine()?;
        engine
            .save(saved_class.try_into()?, dtype.try_into()?)
            .await
            .map_err(fail)
    }

    /// `config.json`.
    #[wasm_bindgen(js_name = savedConfig)]
    pub fn saved_config(&self, saved_class: SavedClass, dtype: SavedDtype) -> Result<String, JsValue> {
        Ok(self.engine()?.saved_config(saved_class.try_into()?, dtype.try_into()?))
    }

    /// `tokenizer.json`.
    #[wasm_bindgen(js_name = savedTokenizer)]
    pub fn saved_tokenizer(&self) -> Result<String, JsValue> {
        Ok(self.engine()?.tokenizer().to_json())
    }

    /// `tokenizer_config.json`.
    #[wasm_bindgen(js_name = savedTokenizerConfig)]
    pub fn saved_tokenizer_config(&self) -> Result<String, JsValue> {
        Ok(self.engine()?.saved_tokenizer_config())
    }

    /// `modeling_bertlet.py`, where transformers has no class for the model.
    #[wasm_bindgen(js_name = savedModelingCode)]
    pub fn saved_modeling_code(&self, saved_class: SavedClass) -> Result<Option<String>, JsValue> {
        let code = self.engine()?.saved_modeling_code(saved_class.try_into()?);
        Ok(code.map(str::to_owned))
    }
}
