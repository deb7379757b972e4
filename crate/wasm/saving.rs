//! The part of the boundary that saving needs: a checkpoint's files, each by itself.

use wasm_bindgen::prelude::*;

use super::{Engine, bad_option, fail};
use crate::checkpoint::Dtype;

#[wasm_bindgen]
impl Engine {
    /// `model.safetensors`.
    pub async fn save(&self, dtype: String) -> Result<Vec<u8>, JsValue> {
        self.engine()?.save(dtype_named(&dtype)?).await.map_err(fail)
    }

    /// `config.json`.
    #[wasm_bindgen(js_name = savedConfig)]
    pub fn saved_config(&self, dtype: String) -> Result<String, JsValue> {
        Ok(self.engine()?.saved_config(dtype_named(&dtype)?))
    }

    /// `tokenizer.json`.
    #[wasm_bindgen(js_name = savedTokenizer)]
    pub fn saved_tokenizer(&self) -> Result<String, JsValue> {
        Ok(self.engine()?.tokenizer().to_json())
    }

    /// `tokenizer_config.json`.
    #[wasm_bindgen(js_name = savedTokenizerConfig)]
    pub fn saved_tokenizer_config(&self) -> Result<String, JsValue> {
        Ok(self.engine()?.tokenizer().to_config_json())
    }

    /// `modeling_bertlet.py`, where it is needed.
    #[wasm_bindgen(js_name = savedModelingCode)]
    pub fn saved_modeling_code(&self) -> Result<Option<String>, JsValue> {
        Ok(self.engine()?.saved_modeling_code().map(str::to_owned))
    }
}

pub(super) fn dtype_named(name: &str) -> Result<Dtype, JsValue> {
    match name {
        "f32" => Ok(Dtype::F32),
        "f16" => Ok(Dtype::F16),
        _ => Err(fail(bad_option("dtype", "f32 or f16", name))),
    }
}
