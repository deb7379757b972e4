//! The part of the boundary that looks into the engine: what tests hold against references, and what is timed.

use wasm_bindgen::prelude::*;

use super::{Encoding, Engine, fail};
use crate::{engine::calibrate, kernels, model::BertConfig, testing, text::Row};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    pub(super) fn now() -> f64;
}

#[wasm_bindgen]
impl Engine {
    /// `[rows, seqLen, hiddenSize]` after the embeddings and after each layer; for tests.
    #[wasm_bindgen(js_name = hiddenStates)]
    pub async fn hidden_states(&self, rows: &Encoding) -> Result<js_sys::Array, JsValue> {
        let all: Vec<&Row> = rows.rows.iter().collect();
        let states = self.engine()?.hidden_states(&all).await.map_err(fail)?;
        Ok(states
            .iter()
            .map(|state| js_sys::Float32Array::from(state.as_slice()))
            .collect())
    }

    /// `[name, gradient]` of each parameter, for a batch of rows with a target each.
    pub async fn gradients(&self, rows: &Encoding, targets: Vec<u32>) -> Result<js_sys::Array, JsValue> {
        let all: Vec<&Row> = rows.rows.iter().collect();
        let found = self.engine()?.gradients(&all, &targets).await.map_err(fail)?;
        Ok(found.into_iter().map(pair).collect())
    }

    /// `[name, values]` of what goes into one operation on random numbers and comes out; for tests and the benchmark.
    pub async fn trial(&self, operation: String, sizes: Vec<u32>, seed: u32) -> Result<js_sys::Array, JsValue> {
        let sizes: Vec<usize> = sizes.into_iter().map(|size| size as usize).collect();
        let found = testing::run_operation(&self.device, &operation, &sizes, seed.into()).await;
        Ok(found.map_err(fail)?.into_iter().map(pair).collect())
    }

    /// Milliseconds of one operation on random numbers, forward, and forward and backward; for the benchmark.
    pub async fn time(&self, operation: String, sizes: Vec<u32>, repeats: usize) -> Result<Vec<f64>, JsValue> {
        let sizes: Vec<usize> = sizes.into_iter().map(|size| size as usize).collect();
        let clock = kernels::Clock { now, repeats };
        let found = testing::time_operation(&self.device, &operation, &sizes, clock).await;
        Ok(found.map_err(fail)?.to_vec())
    }

    /// Milliseconds of a forward pass through the encoder that a `config.json` asks for, from one layer of it.
    #[wasm_bindgen(js_name = encoderTime)]
    pub async fn encoder_time(
        &self,
        config: Vec<u8>,
        batch: usize,
        seq_len: usize,
        repeats: usize,
    ) -> Result<f64, JsValue> {
        let config = BertConfig::parse(&config).map_err(fail)?;
        let clock = kernels::Clock { now, repeats };
        let found = calibrate::encoder_ms(&self.device, &config, batch, seq_len, clock).await;
        found.map_err(fail)
    }
}

pub(super) fn pair((name, values): (String, Vec<f32>)) -> js_sys::Array {
    js_sys::Array::of2(&JsValue::from(name), &js_sys::Float32Array::from(values.as_slice()))
}
