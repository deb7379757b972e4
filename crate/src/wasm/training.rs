//! The boundary's calls for fine-tuning: estimates, runs, steps, and snapshots of the weights.

use js_sys::Float32Array;
use wasm_bindgen::prelude::*;

use super::{
    clock::now,
    convert::{fail, from_js, to_js},
    encoding::Encoding,
    engine::WasmEngine,
    results::StepTime,
    targets::row_targets,
};
use crate::{
    engine,
    train::{self, Data, MemoryBudget, RunNumbers, TrainOptions},
};

/// A copy of the weights, kept in wasm.
#[wasm_bindgen]
pub struct Snapshot(engine::Snapshot);

/// The state of a run at one step. It shares the run's memory until a step changes that.
#[wasm_bindgen]
pub struct RunState(train::RunState);

#[wasm_bindgen]
impl RunState {
    /// The numbers beside the parts, plain.
    pub fn numbers(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.numbers)
    }

    /// Number of values.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.0.size()
    }

    /// Puts values from `at` on into `into`; gives how many: as many as one tensor has there, none at the end.
    pub async fn read(&mut self, at: usize, into: Float32Array) -> Result<u32, JsValue> {
        let values = self.0.read(at).await.map_err(fail)?;
        let count = into.length().min(values.len() as u32);
        into.subarray(0, count).copy_from(&values[..count as usize]);
        Ok(count)
    }
}

/// The values of a state on their way back, in pieces.
#[wasm_bindgen]
#[derive(Default)]
pub struct RunValues(Vec<Vec<f32>>);

#[wasm_bindgen]
impl RunValues {
    /// No values yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next piece.
    pub fn push(&mut self, values: Vec<f32>) {
        self.0.push(values);
    }
}

#[wasm_bindgen]
impl WasmEngine {
    /// The steps, work and peak memory of a run, on a device with `used_bytes` in use of at most `limit_bytes`.
    pub fn plan(
        &self,
        train: &Encoding,
        targets: Vec<u32>,
        dev: Vec<u32>,
        test: Vec<u32>,
        options: JsValue,
        used_bytes: f64,
        limit_bytes: f64,
    ) -> Result<JsValue, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        let data = Data {
            train: &train.rows,
            targets: &targets,
            dev: &dev,
            test: &test,
        };
        to_js(
            &self
                .engine()?
                .plan(
                    &data,
                    &options,
                    MemoryBudget {
                        used_bytes,
                        limit_bytes,
                    },
                )
                .map_err(fail)?,
        )
    }

    /// Times a training step on some of the rows. It runs on a copy, so no weight changes.
    #[wasm_bindgen(js_name = timeStep, unchecked_return_type = "StepTime")]
    pub async fn time_step(&self, rows: &Encoding, indices: Vec<u32>, options: JsValue) -> Result<JsValue, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        rows.choose(&indices)?;
        let chosen: Vec<usize> = indices.into_iter().map(|index| index as usize).collect();
        let engine = self.engine()?;
        let found = engine.time_step(rows.rows.clone(), &chosen, &options, now).await;
        let [work, milliseconds] = found.map_err(fail)?;
        to_js(&StepTime { work, milliseconds })
    }

    /// Checks whether `beginTraining` could begin a run; nothing changes.
    #[wasm_bindgen(js_name = checkTraining)]
    pub fn check_training(&self, options: JsValue, adapter_name: String) -> Result<(), JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        self.engine()?.check_training(&options, &adapter_name).map_err(fail)
    }

    /// Begins a run; a parameter-efficient one trains the adapter of that name. For a multi-label model, `ends[row]` is the
    /// end of the row's labels among the targets.
    #[wasm_bindgen(js_name = beginTraining)]
    pub fn begin_training(
        &mut self,
        rows: &Encoding,
        targets: Vec<u32>,
        ends: Option<Vec<u32>>,
        options: JsValue,
        adapter_name: String,
    ) -> Result<JsValue, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        let targets = row_targets(targets, ends)?;
        let run_info = self
            .engine_mut()?
            .begin_training(rows.rows.clone(), targets, options, &adapter_name)
            .map_err(fail)?;
        to_js(&run_info)
    }

    /// Makes the next step.
    #[wasm_bindgen(js_name = trainStep)]
    pub async fn train_step(&mut self) -> Result<JsValue, JsValue> {
        to_js(&self.engine_mut()?.train_step().await.map_err(fail)?)
    }

    /// Makes a step on the given rows instead of the next batch; for tests.
    #[wasm_bindgen(js_name = trainStepOn)]
    pub async fn train_step_on(&mut self, indices: Vec<u32>) -> Result<JsValue, JsValue> {
        let chosen: Vec<usize> = indices.into_iter().map(|index| index as usize).collect();
        to_js(&self.engine_mut()?.train_step_on(&chosen).await.map_err(fail)?)
    }

    /// The state of the run so far. The caller frees it.
    #[wasm_bindgen(js_name = runState)]
    pub fn run_state(&self, with_moments: bool) -> Result<RunState, JsValue> {
        Ok(RunState(self.engine()?.run_state(with_moments).map_err(fail)?))
    }

    /// Goes on from the state of an equal run that was begun on an equal model. The values may not be used any more.
    #[wasm_bindgen(js_name = resumeRun)]
    pub async fn resume_run(&mut self, numbers: JsValue, values: RunValues) -> Result<(), JsValue> {
        let numbers: RunNumbers = from_js("numbers", numbers)?;
        let engine = self.engine_mut()?;
        engine.resume_run(&numbers, values.0).await.map_err(fail)
    }

    /// Ends the run and frees the optimizer's state.
    #[wasm_bindgen(js_name = endTraining)]
    pub fn end_training(&mut self) -> Result<(), JsValue> {
        self.engine_mut()?.end_training();
        Ok(())
    }

    /// Copies the weights as they are now. The caller frees the copy.
    pub fn snapshot(&mut self) -> Result<Snapshot, JsValue> {
        Ok(Snapshot(self.engine_mut()?.snapshot()))
    }

    /// Ends a run, if there is one, and restores the weights of a snapshot.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), JsValue> {
        self.engine_mut()?.restore(&snapshot.0);
        Ok(())
    }

    /// Sets the head to the centroids of the rows' pooled states, `[rows, hiddenSize]`, label by label.
    #[wasm_bindgen(js_name = fitCentroids)]
    pub fn fit_centroids(&mut self, pooled: Vec<f32>, targets: Vec<u32>) -> Result<(), JsValue> {
        self.engine_mut()?.fit_centroids(&pooled, &targets).map_err(fail)
    }

    /// Multiplies all logits by a factor over 0.
    #[wasm_bindgen(js_name = scaleHead)]
    pub fn scale_head(&mut self, factor: f32) -> Result<(), JsValue> {
        self.engine_mut()?.scale_head(factor).map_err(fail)
    }

    /// Sets the decision threshold; multi-label models only.
    #[wasm_bindgen(js_name = setThreshold)]
    pub fn set_threshold(&mut self, threshold: f64) -> Result<(), JsValue> {
        self.engine_mut()?.set_threshold(threshold).map_err(fail)
    }
}
