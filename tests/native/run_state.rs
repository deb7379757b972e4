//! A run's state: another engine goes on from it with the same losses and ends with the same weights, bit for bit on the CPU.

use bertlet::{
    device::Device,
    engine::{Engine, LoadOptions},
    text::MaskingOptions,
    train::{Method, RowTargets, RunNumbers, TrainOptions},
};
use pollster::block_on;

use crate::{
    fixtures::{Files, defaults, devices_in_turn, max_difference},
    masked_lm,
};

const TEXTS: [&str; 7] = [
    "the box was late",
    "good",
    "what a long day it was",
    "",
    "the order",
    "late again and again and again",
    "a day",
];

/// Virtual tokens need positions of their own.
fn options_of_loading() -> LoadOptions {
    LoadOptions {
        max_length: Some(40),
        ..defaults()
    }
}

fn options(method: Method) -> TrainOptions {
    TrainOptions {
        method,
        epochs: 2,
        batch_size: 2,
        accumulate: 1,
        learning_rate: 1e-2,
        ..TrainOptions::default()
    }
}

fn begin(engine: &mut Engine, method: Option<Method>) -> usize {
    let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
    match method {
        Some(method) => {
            let targets = RowTargets::Single(vec![0, 1, 2, 1, 0, 2, 1]);
            engine
                .begin_training(rows, targets, options(method), "mine")
                .expect("a run")
                .steps
        }
        None => {
            let masking = MaskingOptions {
                mask_probability: 0.3,
                ..MaskingOptions::default()
            };
            engine
                .begin_pretraining(rows, options(Method::Full), masking)
                .expect("a run")
                .steps
        }
    }
}

fn step(engine: &mut Engine) -> f32 {
    block_on(engine.train_step()).expect("a step").loss
}

fn classifier(device: &Device) -> Engine {
    let files = Files::tiny("sequence_classification_f32");
    files.load(device, options_of_loading()).expect("the model")
}

fn state(engine: &Engine) -> (RunNumbers, Vec<Vec<f32>>) {
    state_with(engine, true)
}

fn state_with(engine: &Engine, moments: bool) -> (RunNumbers, Vec<Vec<f32>>) {
    let mut state = engine.run_state(moments).expect("a state");
    let mut pieces: Vec<Vec<f32>> = Vec::new();
    let mut at = 0;
    while at < state.size() {
        // Not at the ends of its parts, as a journal's pieces are not.
        let values = block_on(state.read(at)).expect("values");
        let piece = values[..values.len().min(1000)].to_vec();
        at += piece.len();
        match pieces.last_mut() {
            Some(last) if last.len() < 5000 => last.extend(piece),
            _ => pieces.push(piece),
        }
    }
    assert!(block_on(state.read(at)).expect("the end").is_empty());
    (state.numbers.clone(), pieces)
}

#[test]
fn another_engine_goes_on_with_the_same_losses() {
    let of_labels = [
        Method::Full,
        Method::Head,
        Method::Lora,
        Method::Adalora,
        Method::Adapter,
        Method::Prompt,
        Method::Prefix,
        Method::Bitfit,
        Method::Contrastive,
    ];
    let methods = of_labels.map(Some).into_iter().chain([None]);
    for (case, method) in methods.enumerate() {
        for (device, tolerance) in devices_in_turn(case) {
            let model = || match method {
                Some(_) => classifier(&device),
                None => masked_lm::engine(&device, "model_f32"),
            };
            let mut whole = model();
            let steps = begin(&mut whole, method);
            let on_cpu = tolerance.forward < 5e-4;
            // In the middle of an epoch, and at the end of one.
            let places = [0, 3, steps / 2];
            for at in places.into_iter().filter(|&at| on_cpu || at == 3) {
                let mut whole = model();
                begin(&mut whole, method);
                for _ in 0..at {
                    step(&mut whole);
                }
                let (numbers, parts) = state(&whole);
                assert_eq!(numbers.step, at);
                let mut other = model();
                begin(&mut other, method);
                block_on(other.resume_run(&numbers, parts)).expect("the state");
                let left = at..steps;
                let losses: Vec<[f32; 2]> = left.map(|_| [step(&mut whole), step(&mut other)]).collect();
                let [first, second] = [0, 1].map(|side| losses.iter().map(|pair| pair[side]).collect::<Vec<_>>());
                let (first_end, second_end) = (state(&whole), state(&other));
                if on_cpu {
                    assert_eq!(first, second, "{method:?} from step {at}");
                    assert!(first_end == second_end, "{method:?} from step {at}");
                } else {
                    assert!(
                        max_difference(&first, &second) <= tolerance.loss,
                        "{method:?} from step {at}"
                    );
                    assert_eq!(first_end.0, second_end.0);
                }
            }
        }
    }
}

#[test]
fn a_state_of_another_run_is_refused() {
    let (device, _) = devices_in_turn(0).remove(0);
    let model = || classifier(&device);
    let mut engine = model();
    begin(&mut engine, Some(Method::Full));
    step(&mut engine);
    let (numbers, parts) = state(&engine);
    let mut short = parts.clone();
    short.pop();
    let mut wide = parts.clone();
    wide[0].push(0.0);
    let mut late = numbers.clone();
    late.step = 1000;
    for (method, numbers, parts) in [
        (Method::Lora, &numbers, &parts),
        (Method::Full, &numbers, &short),
        (Method::Full, &numbers, &wide),
        (Method::Full, &late, &parts),
    ] {
        let mut other = model();
        begin(&mut other, Some(method));
        let error = block_on(other.resume_run(numbers, parts.clone())).expect_err("another run");
        assert_eq!(error.code(), "bad-journal");
    }
}

/// As journals of before had them.
#[test]
fn parts_may_come_by_themselves() {
    let (device, _) = devices_in_turn(0).remove(0);
    let (mut engine, mut other) = (classifier(&device), classifier(&device));
    for each in [&mut engine, &mut other] {
        begin(each, Some(Method::Adalora));
    }
    for _ in 0..6 {
        step(&mut engine);
    }
    let (mut numbers, pieces) = state(&engine);
    let mut values = pieces.concat().into_iter();
    let lengths = std::mem::take(&mut numbers.lengths);
    let parts = lengths.iter().map(|&length| values.by_ref().take(length).collect());
    block_on(other.resume_run(&numbers, parts.collect())).expect("the state");
    assert_eq!(step(&mut engine), step(&mut other));
}

/// AdamW corrects its new moments from where they began: else late steps would be several times too long, or too short.
#[test]
fn the_first_step_from_weights_alone_is_as_long_as_a_run_s_first() {
    let (device, _) = devices_in_turn(0).remove(0);
    let model = || classifier(&device);
    let mut engine = model();
    begin(&mut engine, Some(Method::Full));
    for _ in 0..6 {
        step(&mut engine);
    }
    let (numbers, weights) = state_with(&engine, false);
    let mut other = model();
    begin(&mut other, Some(Method::Full));
    block_on(other.resume_run(&numbers, weights.clone())).expect("the state");
    let report = block_on(other.train_step()).expect("a step");
    let (numbers, after) = state_with(&other, false);
    assert_eq!((numbers.step, numbers.moments_from), (7, 6));
    let longest = weights
        .iter()
        .zip(&after)
        .map(|(before, after)| max_difference(before, after))
        .fold(0.0, f32::max);
    let share = f64::from(longest) / report.learning_rate;
    assert!((0.9..1.1).contains(&share), "{share} of the learning rate");
}
