//! Thirty AdamW steps against torch. A run can be repeated, stays finite, and is rolled back when it diverges.

use bertlet::{
    Error,
    checkpoint::{Class, Dtype},
    device::Device,
    engine::{Engine, LoadOptions},
    kernels::{AdamW, Moments},
    train::{RowTargets, Schedule, StepReport, TrainOptions},
};
use burn::tensor::Tensor;
use pollster::block_on;
use serde_json::Value;

use crate::fixtures::{Files, Reference, Tolerance, defaults, devices, devices_in_turn, json, max_difference};

/// The texts and label indices of `training/rows.json`.
pub fn rows() -> (Vec<String>, Vec<u32>) {
    let about = json("training/rows.json");
    let rows = about["rows"].as_array().expect("rows");
    let text = |row: &Value| row["text"].as_str().expect("a text").to_owned();
    let label = |row: &Value| row["label"].as_u64().expect("a label") as u32;
    (rows.iter().map(text).collect(), rows.iter().map(label).collect())
}

/// The row indices of each of its 30 steps: batches of differing sizes.
pub fn batches() -> Vec<Vec<usize>> {
    let about = json("training/rows.json");
    about["batches"]
        .as_array()
        .expect("batches")
        .iter()
        .map(indices)
        .collect()
}

/// The whole numbers of a JSON array.
pub fn indices(list: &Value) -> Vec<usize> {
    let numbers = list.as_array().expect("indices").iter();
    numbers.map(|n| n.as_u64().expect("an index") as usize).collect()
}

pub fn engine(device: &Device, pooling: &str) -> Engine {
    let about = json("training/rows.json");
    engine_of(about["checkpoint"].as_str().expect("a name"), device, pooling)
}

/// A tiny checkpoint with the `max_length` of `training/rows.json`.
pub fn engine_of(checkpoint: &str, device: &Device, pooling: &str) -> Engine {
    let about = json("training/rows.json");
    let options = LoadOptions {
        pooling: Some(pooling.into()),
        max_length: about["max_length"].as_u64().map(|n| n as usize),
        ..defaults()
    };
    Files::tiny(checkpoint).load(device, options).expect("the model")
}

/// The recipe's options, with enough epochs for its 30 steps of 8 rows in order.
pub fn options(recipe: &Value) -> TrainOptions {
    let number = |name: &str| recipe[name].as_f64().unwrap_or_else(|| panic!("{name}"));
    TrainOptions {
        epochs: 10,
        batch_size: 8,
        learning_rate: number("learning_rate"),
        weight_decay: number("weight_decay"),
        warmup_ratio: number("warmup_ratio"),
        schedule: match recipe["schedule"].as_str() {
            Some("linear") => Schedule::Linear,
            Some("cosine") => Schedule::Cosine,
            _ => Schedule::Constant,
        },
        adam_beta1: number("adam_beta1"),
        adam_beta2: number("adam_beta2"),
        adam_epsilon: number("adam_epsilon"),
        max_grad_norm: recipe["max_grad_norm"].as_f64().unwrap_or(0.0),
        dropout: Some(0.0),
        shuffle: false,
        ..TrainOptions::default()
    }
}

/// A whole run, with each step's report.
pub fn run(
    engine: &mut Engine,
    texts: &[String],
    labels: &[u32],
    options: TrainOptions,
) -> Result<Vec<StepReport>, Error> {
    let rows = engine.encode(texts)?;
    let run_info = engine.begin_training(rows, RowTargets::Single(labels.to_vec()), options, "default")?;
    (0..run_info.steps).map(|_| block_on(engine.train_step())).collect()
}

#[test]
fn thirty_steps_equal_torch() {
    let (texts, labels) = rows();
    let recipes = [
        "linear",
        "cosine",
        "constant",
        "unclipped",
        "mean",
        "in_order",
        "halves",
    ];
    for (case, name) in recipes.into_iter().enumerate() {
        for (device, tolerance) in devices_in_turn(case) {
            let reference = json(&format!("training/{name}.json"));
            let recipe = &reference["recipe"];
            let text = |name: &str| recipe[name].as_str().unwrap_or_else(|| panic!("{name}"));
            let mut engine = engine_of(text("checkpoint"), &device, text("pooling"));
            let reports = match name {
                "in_order" | "halves" => run(&mut engine, &texts, &labels, options(recipe)).expect("the run"),
                _ => run_batches(&mut engine, &texts, &labels, options(recipe)),
            };
            let expected = reference["steps"].as_array().expect("steps");
            assert_eq!(reports.len(), expected.len());
            assert_steps(name, &reports, expected, "loss", &tolerance);
            if name == "linear" {
                engine.end_training();
                assert_final_weights(&engine);
            }
        }
    }
}

/// Each step's loss, under the name `loss`, its learning rate and gradient norm.
pub fn assert_steps(name: &str, reports: &[StepReport], expected: &[Value], loss: &str, tolerance: &Tolerance) {
    for (report, expected) in reports.iter().zip(expected) {
        let number = |key: &str| expected[key].as_f64().expect("a number");
        assert!(
            (report.learning_rate - number("learning_rate")).abs() < 1e-9,
            "{name} {report:?} {expected}"
        );
        assert!(
            (f64::from(report.loss) - number(loss)).abs() <= f64::from(tolerance.loss),
            "{name} {report:?} {expected}"
        );
        assert!(
            (report.grad_norm / number("grad_norm") - 1.0).abs() < 1e-2,
            "{name} {report:?} {expected}"
        );
    }
}

/// A run of 30 steps on [`batches`], or as many as it has.
pub fn run_batches(engine: &mut Engine, texts: &[String], labels: &[u32], options: TrainOptions) -> Vec<StepReport> {
    let rows = engine.encode(texts).expect("tokens");
    let targets = RowTargets::Single(labels.to_vec());
    engine.begin_training(rows, targets, options, "default").expect("a run");
    batches()
        .iter()
        .map(|batch| block_on(engine.train_step_on(batch)).expect("a step"))
        .collect()
}

fn assert_final_weights(engine: &Engine) {
    let saved = block_on(engine.save(Class::Classifier, Dtype::F32)).expect("the weights");
    let file = safetensors::SafeTensors::deserialize(&saved).expect("safetensors");
    let reference = Reference::open("training/linear_final.safetensors");
    let compared = |name: &&String| !name.ends_with("key.bias") && !name.ends_with("position_ids");
    for name in reference.names().iter().filter(compared) {
        let (shape, expected) = reference.floats(name);
        let view = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(view.shape(), shape);
        let found: Vec<f32> = view
            .data()
            .as_chunks::<4>()
            .0
            .iter()
            .map(|word| f32::from_le_bytes(*word))
            .collect();
        // Weights are about 0.1 and change by about 0.02.
        let difference = max_difference(&found, &expected);
        assert!(difference < 1e-3, "{name}: {difference}");
    }
}

#[test]
fn the_same_seed_gives_the_same_losses() {
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    let losses = |seed: u64| {
        let options = TrainOptions {
            epochs: 2,
            seed,
            dropout: Some(0.2),
            learning_rate: 1e-3,
            ..TrainOptions::default()
        };
        let reports = run(&mut engine(&device, "pooler"), &texts, &labels, options).expect("the run");
        reports.iter().map(|report| report.loss.to_bits()).collect::<Vec<_>>()
    };
    let (first, again, other) = (losses(7), losses(7), losses(8));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn a_diverging_run_stops_with_finite_weights() {
    let (texts, labels) = rows();
    for (device, _) in devices() {
        // A head so large that its gradients overflow, though no text's logits do (such a head is refused at load).
        let mut files = Files::tiny("sequence_classification_f32");
        let mut weights = safetensors_head(&files.weights, 1e30);
        std::mem::swap(&mut files.weights, &mut weights);
        let mut engine = files.load(&device, defaults()).expect("the model");
        let failure = run(&mut engine, &texts, &labels, TrainOptions::default()).expect_err("an overflow");
        assert_eq!(failure.code(), "diverged");
        engine.end_training();
        let saved = block_on(engine.save(Class::Classifier, Dtype::F32)).expect("the weights");
        let file = safetensors::SafeTensors::deserialize(&saved).expect("safetensors");
        for (name, view) in file.tensors() {
            let values = view.data().as_chunks::<4>().0.iter();
            assert!(
                values.map(|bytes| f32::from_le_bytes(*bytes)).all(f32::is_finite),
                "{name}"
            );
        }
    }
}

#[test]
fn a_weight_beyond_16_bit_floats_is_not_saved_as_one() {
    let mut files = Files::tiny("sequence_classification_f32");
    files.weights = safetensors_head(&files.weights, 1e5);
    let (device, _) = devices().remove(0);
    let engine = files.load(&device, defaults()).expect("the model");
    let saved = |dtype| block_on(engine.save(Class::Classifier, dtype));
    let failure = saved(Dtype::F16).expect_err("1e5 as 16-bit float");
    assert_eq!(failure.code(), "bad-option");
    assert!(failure.to_string().contains("classifier.weight"), "{failure}");
    assert!(saved(Dtype::F32).is_ok());
}

/// The file with the weights of its head set to `value` and `-value` by turns, row by row.
fn safetensors_head(weights: &[u8], value: f32) -> Vec<u8> {
    let mut changed = weights.to_vec();
    let file = safetensors::SafeTensors::deserialize(weights).expect("safetensors");
    let head = file.tensor("classifier.weight").expect("a head");
    let (classes, data) = (head.shape()[0], head.data());
    let start = data.as_ptr() as usize - weights.as_ptr() as usize;
    for (class, row) in (changed[start..start + data.len()].chunks_exact_mut(data.len() / classes)).enumerate() {
        let signed = if class % 2 == 0 { value } else { -value };
        row.copy_from_slice(&signed.to_le_bytes().repeat(row.len() / 4));
    }
    changed
}

#[test]
fn a_step_can_be_rolled_back() {
    for (device, _) in devices() {
        let adamw = AdamW {
            learning_rate: 0.5,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.1,
            gradient_scale: 0.7,
            step: 1,
        };
        let before = Tensor::<2>::from_floats([[0.5, -0.25], [1.5, 0.0]], &device.handle);
        let gradient = Tensor::<2>::from_floats([[0.1, -3.0], [0.0, 20.0]], &device.handle);
        let (after, moments) = adamw.update(before.clone(), gradient, Moments::zeros(&before));
        let back = adamw.roll_back(after.clone(), &moments);
        let read = |tensor| block_on(bertlet::device::read(tensor)).expect("values");
        assert!(max_difference(&read(after), &read(before.clone())) > 0.1);
        assert!(max_difference(&read(back), &read(before)) < 1e-6);
    }
}

#[test]
fn a_steps_report_counts_its_rows_and_padding() {
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    let options = TrainOptions {
        epochs: 2,
        batch_size: 5,
        ..TrainOptions::default()
    };
    let reports = run(&mut engine(&device, "pooler"), &texts, &labels, options).expect("the run");
    let rows = engine(&device, "pooler").encode(&texts).expect("tokens");
    let tokens: usize = rows.iter().map(|row| row.input_ids.len()).sum();
    let each = texts.len().div_ceil(5);
    for epoch in reports.chunks(each) {
        assert_eq!(epoch.iter().map(|report| report.rows).sum::<usize>(), texts.len());
        assert_eq!(epoch.iter().map(|report| report.tokens).sum::<usize>(), tokens);
        let computed = |report: &StepReport| report.tokens + report.padded_tokens;
        assert!(epoch.iter().all(|report| computed(report).is_multiple_of(report.rows)));
        let ends: Vec<usize> = (0..each).filter(|&step| epoch[step].epoch_end).collect();
        assert_eq!(ends, [each - 1]);
    }
}
