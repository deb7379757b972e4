//! The boundary's calls that save a checkpoint, one for each of its files.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::{
    convert::fail,
    engine::WasmEngine,
    options::{SavedClass, SavedDtype},
};
use crate::checkpoint;

/// `model.safetensors`, to be read. It shares the model's memory until that changes.
#[wasm_bindgen]
pub struct WeightsFile(checkpoint::WeightsFile);

#[wasm_bindgen]
impl WeightsFile {
    /// The file's size in bytes.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> usize {
        self.0.size()
    }

    /// Puts bytes from `at` on into `into`; gives how many: as many as one tensor has there, none at the end.
    pub async fn read(&mut self, at: usize, into: Uint8Array) -> Result<u32, JsValue> {
        let bytes = self.0.read(at).await.map_err(fail)?;
        let count = into.length().min(bytes.len() as u32);
        into.subarray(0, count).copy_from(&bytes[..count as usize]);
        Ok(count)
    }
}

#[wasm_bindgen]
impl WasmEngine {
    /// `model.safetensors`. The caller frees it.
    pub fn save(&self, saved_class: SavedClass, dtype: SavedDtype) -> Result<WeightsFile, JsValue> {
        let file = self.engine()?.weights_file(saved_class.try_into()?, dtype.try_into()?);
        Ok(WeightsFile(file.map_err(fail)?))
    }

    /// `config.json`.
    #[wasm_bindgen(js_name = savedConfig)]
    pub fn saved_config(&self, saved_class: SavedClass, dtype: SavedDtype) -> Result<String, JsValue> {
        Ok(self.engine()?.saved_config(saved_class.try_into()?, dtype.try_into()?))
    }

    /// `tokenizer.json`.
    #[wasm_bindgen(js_name = savedTokenizer)]
    pub fn saved_tokenizer(&self) -> Result<String, JsValue> {
        self.engine()?.tokenizer().to_json().map_err(fail)
    }

    /// `tokenizer_config.json`.
    #[wasm_bindgen(js_name = savedTokenizerConfig)]
    pub fn saved_tokenizer_config(&self) -> Result<String, JsValue> {
        self.engine()?.saved_tokenizer_config().map_err(fail)
    }

    /// `modeling_bertlet.py`, where transformers has no class for the model.
    #[wasm_bindgen(js_name = savedModelingCode)]
    pub fn saved_modeling_code(&self, saved_class: SavedClass) -> Result<Option<String>, JsValue> {
        let code = self.engine()?.saved_modeling_code(saved_class.try_into()?);
        Ok(code.map(str::to_owned))
    }
}
