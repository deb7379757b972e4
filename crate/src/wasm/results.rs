//! What the boundary gives back that is neither a number nor an array: plain objects with named fields, and their
//! TypeScript types, which wasm-bindgen writes into its declarations.

use js_sys::{Float32Array, Uint8Array};
use serde::Serialize;
use serde_wasm_bindgen::preserve;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
export interface AdapterNames { names: string[]; active?: string }
export interface SavedAdapterFiles { config: string; weights: Uint8Array }
export interface MaskedLoss { loss: number; maskedTokens: number }
export interface StepTime { work: number; milliseconds: number }
export interface OperationTime { forwardMs: number; forwardBackwardMs: number }
export interface NamedValues { name: string; values: Float32Array }
";

/// The adapters of a model, and the one that is on.
#[derive(Serialize)]
pub(super) struct AdapterNames {
    pub names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
}

/// `adapter_config.json` and `adapter_model.safetensors`.
#[derive(Serialize)]
pub(super) struct SavedAdapterFiles {
    config: String,
    #[serde(with = "preserve")]
    weights: Uint8Array,
}

impl SavedAdapterFiles {
    pub(super) fn new(config: String, weights: &[u8]) -> Self {
        Self {
            config,
            weights: Uint8Array::from(weights),
        }
    }
}

/// The summed cross-entropy of masked tokens, and how many they are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MaskedLoss {
    pub loss: f32,
    pub masked_tokens: usize,
}

/// The work of a training step, in multiplications of its forward pass, and the milliseconds that it took.
#[derive(Serialize)]
pub(super) struct StepTime {
    pub work: f64,
    pub milliseconds: f64,
}

/// Milliseconds of one operation: its forward pass alone, and its forward and backward pass together.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OperationTime {
    pub forward_ms: f64,
    pub forward_backward_ms: f64,
}

/// A tensor's values in row-major order, under its name.
#[derive(Serialize)]
pub(super) struct NamedValues {
    name: String,
    #[serde(with = "preserve")]
    values: Float32Array,
}

impl From<(String, Vec<f32>)> for NamedValues {
    fn from((name, values): (String, Vec<f32>)) -> Self {
        Self {
            name,
            values: Float32Array::from(values.as_slice()),
        }
    }
}
