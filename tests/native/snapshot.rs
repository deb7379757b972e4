//! Snapshots: the weights come back bit for bit, whatever was trained meanwhile.

use bertlet::{
    engine::Engine,
    kernels::Storage,
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;

use crate::fixtures::{Files, defaults, devices};

const TEXTS: [&str; 4] = ["the box was late", "good", "what a long day it was", ""];

fn logits(engine: &Engine) -> Vec<f32> {
    let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
    block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
}

/// Trains `steps` steps; the run is not ended.
fn train(engine: &mut Engine, steps: usize, method: Method) {
    let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
    let options = TrainOptions {
        method,
        epochs: 10,
        batch_size: 2,
        learning_rate: 1e-2,
        ..TrainOptions::default()
    };
    let targets = RowTargets::Single(vec![0, 1, 2, 1]);
    engine.begin_training(rows, targets, options, "mine").expect("a run");
    for _ in 0..steps {
        block_on(engine.train_step()).expect("a step");
    }
}

#[test]
fn a_snapshot_comes_back_bit_for_bit() {
    for (device, _) in devices() {
        let mut engine = Files::tiny("sequence_classification_f32")
            .load(&device, defaults())
            .expect("the model");
        let before = logits(&engine);
        let loaded = engine.snapshot();
        train(&mut engine, 3, Method::Full);
        let midway = logits(&engine);
        assert_ne!(midway, before);
        // During a run, which continues.
        let third = engine.snapshot();
        block_on(engine.train_step()).expect("a step");
        engine.end_training();
        assert_ne!(logits(&engine), midway);
        engine.restore(&third);
        assert_eq!(logits(&engine), midway);
        engine.restore(&loaded);
        assert_eq!(logits(&engine), before);
        // The same run from the same weights gives the same result.
        train(&mut engine, 3, Method::Full);
        assert_eq!(logits(&engine), midway);
        // Restoring ends a run.
        engine.restore(&loaded);
        assert_eq!(logits(&engine), before);
        assert!(block_on(engine.train_step()).is_err());
        train(&mut engine, 2, Method::Full);
        assert_ne!(logits(&engine), before);
        engine.restore(&loaded);
        assert_eq!(logits(&engine), before, "a snapshot can be taken back again");
    }
}

#[test]
fn a_snapshot_of_a_run_has_the_format_and_the_size_of_its_model() {
    let (device, _) = devices().remove(0);
    for (storage, method) in [(Storage::Int8, Method::Full), (Storage::F32, Method::Adapter)] {
        let load = || {
            let mut engine = Files::tiny("sequence_classification_f32")
                .load(&device, defaults())
                .expect("the model");
            block_on(engine.quantize(storage, &[])).expect("the format");
            train(&mut engine, 1, method);
            engine
        };
        let (mut ended, mut restored) = (load(), load());
        ended.end_training();
        let best = restored.snapshot();
        restored.end_training();
        restored.restore(&best);
        let of = |engine: &Engine| {
            let info = engine.info();
            (info.dtype, info.parameters, info.weight_bytes)
        };
        assert_eq!(of(&restored), of(&ended), "{method:?}");
    }
}

#[test]
fn a_snapshot_holds_adapters_too() {
    for (device, _) in devices() {
        let mut engine = Files::tiny("sequence_classification_f32")
            .load(&device, defaults())
            .expect("the model");
        let (before, loaded) = (logits(&engine), engine.snapshot());
        train(&mut engine, 3, Method::Lora);
        let (midway, third) = (logits(&engine), engine.snapshot());
        block_on(engine.train_step()).expect("a step");
        engine.end_training();
        assert_ne!(logits(&engine), midway);
        engine.restore(&third);
        assert_eq!(logits(&engine), midway);
        // The stored adapter is restored too, not only the model with it.
        engine.use_adapter(None).expect("it is off");
        assert_eq!(logits(&engine), before);
        engine.use_adapter(Some("mine")).expect("it is on");
        assert_eq!(logits(&engine), midway);
        engine.restore(&loaded);
        assert_eq!(logits(&engine), before);
        assert_eq!(engine.adapters(), (Vec::new(), None));
        // A run on the base model drops adapters; the snapshot has them.
        engine.restore(&third);
        engine.use_adapter(None).expect("it is off");
        let off = engine.snapshot();
        train(&mut engine, 1, Method::Full);
        engine.end_training();
        assert!(engine.adapters().0.is_empty());
        engine.restore(&off);
        engine.use_adapter(Some("mine")).expect("it is there again");
        assert_eq!(logits(&engine), midway);
    }
}

#[test]
fn adapters_outlast_a_head_of_the_encoder_alone() {
    for (device, _) in devices() {
        let mut engine = Files::tiny("sequence_classification_f32")
            .load(&device, defaults())
            .expect("the model");
        train(&mut engine, 3, Method::Lora);
        engine.end_training();
        let adapted = logits(&engine);
        let outlasts = |engine: &mut Engine, what: &str| {
            let other = logits(engine);
            assert_ne!(other, adapted, "{what}");
            engine.use_adapter(Some("mine")).expect("it is there");
            assert_eq!(logits(engine), adapted, "{what}");
            engine.use_adapter(None).expect("it is off");
            assert_eq!(logits(engine), other, "{what}");
        };
        engine.use_adapter(None).expect("it is off");
        train(&mut engine, 2, Method::Head);
        let midway = engine.snapshot();
        engine.end_training();
        outlasts(&mut engine, "a run");
        engine.restore(&midway);
        outlasts(&mut engine, "a snapshot of a run");
        let pooled = vec![0.5; 3 * engine.info().hidden_size];
        engine.fit_centroids(&pooled, &[0, 1, 2]).expect("a head");
        outlasts(&mut engine, "means");
    }
}
