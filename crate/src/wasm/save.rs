//! The part of the boundary that saving needs: a checkpoint's files, each by itself.

use wasm_bindgen::prelude::*;

use super::{Engine, bad_option, fail};
use crate::checkpoint::{Class, Dtype};

#[wasm_bindgen]
impl Engine {
    /// `model.safetensors`, of the class `classifier`, `masked-lm` or `both`.
    pub async fn save(&self, class: String, dtype: String) -> Result<Vec<u8>, JsValue> {
        let (class, dtype) = (class_named(&class)?, dtype_named(&dtype)?);
        self.engine()?.save(class, dtype).await.map_err(fail)
    }

    /// `config.json`.
    #[wasm_bindgen(js_name = savedConfig)]
    pub fn saved_config(&self, class: String, dtype: String) -> Result<String, JsValue> {
        let (class, dtype) = (class_named(&class)?, dtype_named(&dtype)?);
        Ok(self.engine()?.saved_config(class, dtype))
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
    pub fn saved_modeling_code(&self, class: String) -> Result<Option<String>, JsValue> {
        let class = class_named(&class)?;
        Ok(self.engine()?.saved_modeling_code(class).map(str::to_owned))
    }
}

fn class_named(name: &str) -> Result<Class, JsValue> {
    match name {
        "classifier" => Ok(Class::Classifier),
        "masked-lm" => Ok(Class::MaskedLm),
        "both" => Ok(Class::Both),
        _ => Err(fail(bad_option("as", "classifier, masked-lm or both", name))),
    }
}

fn dtype_named(name: &str) -> Result<Dtype, JsValue> {
    match name {
        "f32" => Ok(Dtype::F32),
        "f16" => Ok(Dtype::F16),
        _ => Err(fail(bad_option("dtype", "f32 or f16", name))),
    }
}
