//! The page's clock.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the page or its worker began.
    #[wasm_bindgen(js_namespace = performance)]
    pub(super) fn now() -> f64;
}
