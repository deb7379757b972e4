//! The boundary's functions of logits: probabilities, reports and thresholds. They need no engine.

use wasm_bindgen::prelude::*;

use super::{
    convert::to_js,
    targets::{row_targets, split_targets},
};
use crate::{metrics, train::RowTargets};

/// The version of the crate.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The softmax of each row of `logits`, `[rows, classes]`.
#[wasm_bindgen]
pub fn softmax(logits: &[f32], classes: usize) -> Vec<f32> {
    metrics::softmax(logits, classes)
}

/// The sigmoid of each logit, 1 / (1 + exp(-x)).
#[wasm_bindgen]
pub fn sigmoid(logits: &[f32]) -> Vec<f32> {
    metrics::sigmoid(logits)
}

/// The report on `logits`, `[rows, labels]`, against label indices. For a multi-label model, `ends[row]` is the end of the
/// row's labels among the targets, and a label is predicted where its score is at least `threshold`.
#[wasm_bindgen]
pub fn report(
    logits: &[f32],
    targets: Vec<u32>,
    ends: Option<Vec<u32>>,
    labels: Vec<String>,
    threshold: f64,
) -> Result<JsValue, JsValue> {
    to_js(&match row_targets(targets, ends)? {
        RowTargets::Single(targets) => metrics::report(logits, &targets, &labels),
        RowTargets::Multiple(targets) => metrics::report_multi_label(logits, &targets, &labels, threshold),
    })
}

/// The decision threshold with the highest micro F1 on `logits`, `[rows, classes]`; multi-label rows only.
#[wasm_bindgen(js_name = bestThreshold)]
pub fn best_threshold(logits: &[f32], targets: Vec<u32>, ends: Vec<u32>, classes: usize) -> Result<f64, JsValue> {
    Ok(metrics::best_threshold(
        logits,
        &split_targets(&targets, &ends)?,
        classes,
    ))
}
