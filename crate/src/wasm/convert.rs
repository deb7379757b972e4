//! Values and errors on their way between JavaScript and Rust.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{Error, text::Tokenized};

pub(super) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

#[cfg(computes)]
pub(super) fn from_js<T: serde::de::DeserializeOwned>(name: &'static str, value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| fail(Error::bad_option(name, "the documented options", error)))
}

/// The tokens, then one array: whether the text was cut, and each token's numbers.
pub(super) fn from_tokenized(tokenized: Tokenized) -> js_sys::Array {
    let all: js_sys::Array = tokenized.tokens.iter().map(|token| JsValue::from_str(token)).collect();
    let mut numbers = vec![tokenized.truncated.into()];
    numbers.extend(tokenized.places.as_flattened());
    all.push(&js_sys::Uint32Array::from(&numbers[..]));
    all
}

/// An error as `{ code, message, hint? }`.
pub(super) fn fail(error: Error) -> JsValue {
    #[derive(Serialize)]
    struct Failure<'a> {
        code: &'a str,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'a str>,
    }
    to_js(&Failure {
        code: error.code(),
        message: error.to_string(),
        hint: error.hint(),
    })
    .unwrap_or_else(|error| error)
}
