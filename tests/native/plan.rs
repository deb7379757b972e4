//! The estimate of a run, and the timing of one step before it.

use std::{sync::OnceLock, time::Instant};

use bertlet::{
    checkpoint::{Class, Dtype},
    engine::Engine,
    text::Row,
    train::{Data, MemoryBudget, Method, Plan, RowTargets, TrainOptions},
};
use pollster::block_on;

use crate::{
    fixtures::devices,
    training::{engine, rows},
};

#[test]
fn a_plan_counts_the_run_and_timing_a_step_changes_nothing() {
    let (texts, _) = rows();
    for (device, _) in devices() {
        let engine = engine(&device, "pooler");
        let rows = engine.encode(&texts).expect("tokens");
        let before = block_on(engine.save(Class::Classifier, Dtype::F32)).expect("the weights");
        let options = TrainOptions::default();
        let data = Data {
            train: &rows,
            targets: &[],
            dev: &[5, 9],
            test: &[],
        };
        let budget = |limit_bytes| MemoryBudget {
            used_bytes: 1e6,
            limit_bytes,
        };
        let plan = engine.plan(&data, &options, budget(1e9)).expect("a plan");
        let tokens: usize = rows.iter().map(|row| row.input_ids.len()).sum();
        assert_eq!(plan.steps, texts.len().div_ceil(8) * 5);
        assert_eq!(plan.tokens - plan.padded_tokens, tokens * 5);
        assert!(plan.peak_bytes > 1e6 && plan.proposal.is_none());
        let timed = block_on(engine.time_step(rows.clone(), &plan.typical_rows, &options, seconds));
        let [work, time] = timed.expect("a step");
        assert!(work > 0.0 && work < plan.work && time > 0.0);
        assert!(before == block_on(engine.save(Class::Classifier, Dtype::F32)).expect("the weights"));
        // One byte short: the next smaller batch fits.
        let tight = engine
            .plan(&data, &options, budget(plan.peak_bytes - 1.0))
            .expect("a plan");
        let proposed = tight.proposal.expect("a proposal");
        assert_eq!((proposed.batch_size, proposed.max_length), (4, None));
        let nothing = engine.plan(&data, &options, budget(0.0)).expect("a plan");
        assert!(nothing.proposal.is_none());
    }
}

/// The plan of a run on these rows alone, which fits.
fn planned(engine: &Engine, rows: &[Row], labels: &[u32], options: &TrainOptions) -> Plan {
    let data = Data {
        train: rows,
        targets: labels,
        dev: &[],
        test: &[],
    };
    let budget = MemoryBudget {
        used_bytes: 0.0,
        limit_bytes: 1e9,
    };
    engine.plan(&data, options, budget).expect("a plan")
}

#[test]
fn a_plan_counts_the_steps_of_each_method() {
    let (texts, labels) = rows();
    let (device, _) = &devices()[0];
    for method in ["full", "head", "lora", "contrastive"] {
        let mut engine = engine(device, "pooler");
        let rows = engine.encode(&texts).expect("tokens");
        let options = TrainOptions {
            method: serde_json::from_value(method.into()).expect("a method"),
            epochs: 2,
            ..TrainOptions::default()
        };
        let plan = planned(&engine, &rows, &labels, &options);
        let targets = RowTargets::Single(labels.clone());
        let run = engine.begin_training(rows, targets, options, "default").expect("a run");
        assert_eq!(plan.steps, run.steps, "{method}");
    }
}

#[test]
fn a_plan_pads_each_batch_of_a_step_by_itself() {
    let (texts, labels) = rows();
    let (device, _) = &devices()[0];
    for (batch_size, accumulate) in [(1, 8), (2, 4), (8, 1)] {
        let mut engine = engine(device, "pooler");
        let rows = engine.encode(&texts).expect("tokens");
        let options = TrainOptions {
            batch_size,
            accumulate,
            epochs: 1,
            ..TrainOptions::default()
        };
        let plan = planned(&engine, &rows, &labels, &options);
        let targets = RowTargets::Single(labels.clone());
        engine.begin_training(rows, targets, options, "default").expect("a run");
        let mut padded = 0;
        for _ in 0..plan.steps {
            padded += block_on(engine.train_step()).expect("a step").padded_tokens;
        }
        assert_eq!(plan.padded_tokens, padded, "{batch_size} x {accumulate}");
    }
}

#[test]
fn a_step_is_timed_with_the_adapter_that_is_on() {
    let (texts, labels) = rows();
    let (device, _) = &devices()[0];
    for method in [Method::Lora, Method::Prompt] {
        let mut engine = engine(device, "pooler");
        let rows = engine.encode(&texts).expect("tokens");
        let options = |method| TrainOptions {
            method,
            ..TrainOptions::default()
        };
        let targets = RowTargets::Single(labels.clone());
        engine
            .begin_training(rows.clone(), targets, options(method), "own")
            .expect("a run");
        block_on(engine.train_step()).expect("a step");
        engine.end_training();
        let timed = block_on(engine.time_step(rows.clone(), &[0, 1], &options(method), seconds));
        assert!(timed.is_ok(), "{method:?}: {timed:?}");
        let other = block_on(engine.time_step(rows, &[0, 1], &options(Method::Prefix), seconds));
        assert_eq!(other.expect_err("another method").code(), "bad-state");
    }
}

/// Seconds since the first call.
fn seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}
