//! The boundary's calls for tests and the benchmark: intermediate values, single operations, and their times.

use wasm_bindgen::prelude::*;

use super::{
    clock::now,
    convert::{fail, to_js},
    encoding::Encoding,
    engine::WasmEngine,
    results::{NamedValues, OperationTime},
};
use crate::{engine::calibrate, kernels, model::BertConfig, testing, text::Row};

#[wasm_bindgen]
impl WasmEngine {
    /// Hidden states `[rows, seqLen, hiddenSize]` after the embeddings and after each layer; for tests.
    #[wasm_bindgen(js_name = hiddenStates, unchecked_return_type = "Float32Array[]")]
    pub async fn hidden_states(&self, rows: &Encoding) -> Result<js_sys::Array, JsValue> {
        let all: Vec<&Row> = rows.rows.iter().collect();
        let states = self.engine()?.hidden_states(&all).await.map_err(fail)?;
        Ok(states
            .iter()
            .map(|state| js_sys::Float32Array::from(state.as_slice()))
            .collect())
    }

    /// The gradient of each parameter, of a batch of rows with one label each; for tests.
    #[wasm_bindgen(unchecked_return_type = "NamedValues[]")]
    pub async fn gradients(&self, rows: &Encoding, targets: Vec<u32>) -> Result<JsValue, JsValue> {
        let all: Vec<&Row> = rows.rows.iter().collect();
        let found = self.engine()?.gradients(&all, &targets).await.map_err(fail)?;
        named(found)
    }

    /// The inputs and outputs of one operation on random numbers, forward and backward; for tests.
    #[wasm_bindgen(js_name = runOperation, unchecked_return_type = "NamedValues[]")]
    pub async fn run_operation(&self, operation: String, sizes: Vec<u32>, seed: u32) -> Result<JsValue, JsValue> {
        let sizes: Vec<usize> = sizes.into_iter().map(|size| size as usize).collect();
        let found = testing::run_operation(&self.device, &operation, &sizes, seed.into()).await;
        named(found.map_err(fail)?)
    }

    /// The time of one operation on random numbers; for the benchmark.
    #[wasm_bindgen(js_name = timeOperation, unchecked_return_type = "OperationTime")]
    pub async fn time_operation(&self, operation: String, sizes: Vec<u32>, repeats: usize) -> Result<JsValue, JsValue> {
        let sizes: Vec<usize> = sizes.into_iter().map(|size| size as usize).collect();
        let clock = kernels::Clock { now, repeats };
        let found = testing::time_operation(&self.device, &operation, &sizes, clock).await;
        let [forward_ms, forward_backward_ms] = found.map_err(fail)?;
        to_js(&OperationTime {
            forward_ms,
            forward_backward_ms,
        })
    }

    /// Milliseconds of a forward pass through the encoder of `config.json`, extrapolated from one layer.
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

fn named(values: Vec<(String, Vec<f32>)>) -> Result<JsValue, JsValue> {
    let named: Vec<NamedValues> = values.into_iter().map(Into::into).collect();
    to_js(&named)
}
