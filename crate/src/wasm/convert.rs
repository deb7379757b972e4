//! Values and errors on their way between JavaScript and Rust.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{Error, train::RowTargets};

pub(super) fn row_targets(targets: Vec<u32>, ends: Option<Vec<u32>>) -> Result<RowTargets, JsValue> {
    Ok(match ends {
        None => RowTargets::Single(targets),
        Some(ends) => RowTargets::Multiple(split_targets(&targets, &ends)?),
    })
}

/// The targets of each row.
pub(super) fn split_targets(targets: &[u32], ends: &[u32]) -> Result<Vec<Vec<u32>>, JsValue> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let rows = starts
        .zip(ends)
        .map(|(start, &end)| targets.get(start as usize..end as usize).map(<[u32]>::to_vec));
    let rows: Option<Vec<_>> = rows.collect();
    rows.ok_or_else(|| {
        fail(Error::bad_option(
            "ends",
            "places among the targets, ascending",
            "others",
        ))
    })
}

pub(super) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

pub(super) fn from_js<T: serde::de::DeserializeOwned>(name: &'static str, value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| fail(Error::bad_option(name, "the documented options", error)))
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
