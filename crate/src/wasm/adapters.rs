//! The boundary's calls about adapters: read, switch on or off, merge and save them.

use wasm_bindgen::prelude::*;

use super::{
    WasmEngine, fail,
    results::{AdapterNames, SavedAdapterFiles},
    to_js,
};

#[wasm_bindgen]
impl WasmEngine {
    /// Reads a peft folder under a name; gives the adapter's labels.
    #[wasm_bindgen(js_name = addAdapter)]
    pub fn add_adapter(&mut self, name: String, config: Vec<u8>, weights: Vec<u8>) -> Result<Vec<String>, JsValue> {
        self.engine_mut()?.add_adapter(&name, &config, &weights).map_err(fail)
    }

    /// Switches one adapter on, or all off.
    #[wasm_bindgen(js_name = useAdapter)]
    pub fn use_adapter(&mut self, name: Option<String>) -> Result<(), JsValue> {
        self.engine_mut()?.use_adapter(name.as_deref()).map_err(fail)
    }

    /// Merges the active adapter into the weights.
    #[wasm_bindgen(js_name = mergeAdapter)]
    pub fn merge_adapter(&mut self) -> Result<(), JsValue> {
        self.engine_mut()?.merge_adapter().map_err(fail)
    }

    /// The adapters' names, and the active one.
    #[wasm_bindgen(unchecked_return_type = "AdapterNames")]
    pub fn adapters(&self) -> Result<JsValue, JsValue> {
        let (names, active) = self.engine()?.adapters();
        to_js(&AdapterNames { names, active })
    }

    /// The active adapter's two files.
    #[wasm_bindgen(js_name = saveAdapter, unchecked_return_type = "SavedAdapterFiles")]
    pub async fn save_adapter(&mut self, base: String) -> Result<JsValue, JsValue> {
        let (config, weights) = self.engine_mut()?.save_adapter(&base).await.map_err(fail)?;
        to_js(&SavedAdapterFiles::new(config, &weights))
    }
}
