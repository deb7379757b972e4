//! The part of the boundary that fine-tuning needs: plans, runs, steps, and weights kept aside.

use wasm_bindgen::prelude::*;

use super::{Encoding, Engine, fail, from_js, row_targets, testing::now, to_js};
use crate::{
    engine,
    train::{Data, MemoryBudget, TrainOptions},
};

/// Weights kept aside on this side.
#[wasm_bindgen]
pub struct Snapshot(engine::Snapshot);

#[wasm_bindgen]
impl Engine {
    /// What a run would compute and hold, in a device that holds `held` bytes of at most `limit`.
    pub fn plan(
        &self,
        train: &Encoding,
        dev: Vec<u32>,
        test: Vec<u32>,
        options: JsValue,
        held: f64,
        limit: f64,
    ) -> Result<JsValue, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        let data = Data {
            train: &train.rows,
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
                        used_bytes: held,
                        limit_bytes: limit,
                    },
                )
                .map_err(fail)?,
        )
    }

    /// A training step on some of the rows that changes nothing; gives its work and its milliseconds.
    pub async fn rehearse(&self, rows: &Encoding, indices: Vec<u32>, options: JsValue) -> Result<Vec<f64>, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        rows.choose(&indices)?;
        let chosen: Vec<usize> = indices.into_iter().map(|index| index as usize).collect();
        let found = self
            .engine()?
            .time_step(rows.rows.clone(), &chosen, &options, now)
            .await;
        Ok(found.map_err(fail)?.to_vec())
    }

    /// Begins a run; a parameter-efficient one trains the adapter `name`. Where rows may have several labels, `ends` says
    /// where each row's end among the targets.
    #[wasm_bindgen(js_name = beginTraining)]
    pub fn begin_training(
        &mut self,
        rows: &Encoding,
        targets: Vec<u32>,
        ends: Option<Vec<u32>>,
        options: JsValue,
        name: String,
    ) -> Result<JsValue, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        let targets = row_targets(targets, ends)?;
        let begun = self
            .engine_mut()?
            .begin_training(rows.rows.clone(), targets, options, &name)
            .map_err(fail)?;
        to_js(&begun)
    }

    /// The next step.
    #[wasm_bindgen(js_name = trainStep)]
    pub async fn train_step(&mut self) -> Result<JsValue, JsValue> {
        to_js(&self.engine_mut()?.train_step().await.map_err(fail)?)
    }

    /// A step on chosen rows instead of the next; for tests.
    #[wasm_bindgen(js_name = trainStepOn)]
    pub async fn train_step_on(&mut self, indices: Vec<u32>) -> Result<JsValue, JsValue> {
        let chosen: Vec<usize> = indices.into_iter().map(|index| index as usize).collect();
        to_js(&self.engine_mut()?.train_step_on(&chosen).await.map_err(fail)?)
    }

    /// Ends the run.
    #[wasm_bindgen(js_name = endTraining)]
    pub fn end_training(&mut self) -> Result<(), JsValue> {
        self.engine_mut()?.end_training();
        Ok(())
    }

    /// The weights as they are now, to be freed by the caller.
    pub fn snapshot(&mut self) -> Result<Snapshot, JsValue> {
        Ok(Snapshot(self.engine_mut()?.snapshot()))
    }

    /// Ends the run, if there is one, and takes back the weights of a snapshot.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), JsValue> {
        self.engine_mut()?.restore(&snapshot.0);
        Ok(())
    }

    /// Sets the head to the centroids of labelled rows' pooled states, `[rows, hiddenSize]`.
    #[wasm_bindgen(js_name = fitCentroids)]
    pub fn fit_centroids(&mut self, pooled: Vec<f32>, targets: Vec<u32>) -> Result<(), JsValue> {
        self.engine_mut()?.fit_centroids(&pooled, &targets).map_err(fail)
    }

    /// From which score on a label is predicted.
    #[wasm_bindgen(js_name = setThreshold)]
    pub fn set_threshold(&mut self, threshold: f64) -> Result<(), JsValue> {
        self.engine_mut()?.set_threshold(threshold).map_err(fail)
    }
}
