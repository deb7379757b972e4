//! The part of the boundary that adapters need: in, on, off, merged, out.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{Engine, fail, to_js};

#[wasm_bindgen]
impl Engine {
    /// Reads a peft folder under a name; gives its labels.
    #[wasm_bindgen(js_name = addAdapter)]
    pub fn add_adapter(&mut self, name: String, config: Vec<u8>, weights: Vec<u8>) -> Result<Vec<String>, JsValue> {
        self.engine_mut()?.add_adapter(&name, &config, &weights).map_err(fail)
    }

    /// Switches an adapter on, or all off.
    #[wasm_bindgen(js_name = useAdapter)]
    pub fn use_adapter(&mut self, name: Option<String>) -> Result<(), JsValue> {
        self.engine_mut()?.use_adapter(name.as_deref()).map_err(fail)
    }

    /// Merges the adapter that is on into the weights.
    #[wasm_bindgen(js_name = mergeAdapter)]
    pub fn merge_adapter(&mut self) -> Result<(), JsValue> {
        self.engine_mut()?.merge_adapter().map_err(fail)
    }

    /// `{ names, active? }`
    pub fn adapters(&self) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Adapters {
            names: Vec<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            active: Option<String>,
        }
        let (names, active) = self.engine()?.adapters();
        to_js(&Adapters { names, active })
    }

    /// `[adapter_config.json, adapter_model.safetensors]` of the adapter that is on.
    #[wasm_bindgen(js_name = saveAdapter)]
    pub async fn save_adapter(&mut self, base: String) -> Result<js_sys::Array, JsValue> {
        let (config, weights) = self.engine_mut()?.save_adapter(&base).await.map_err(fail)?;
        let weights = js_sys::Uint8Array::from(weights.as_slice());
        Ok(js_sys::Array::of2(&JsValue::from(config), &weights))
    }
}
