//! Losses and accumulated steps against torch: class weights, label smoothing, multi-label rows, pairs of rows,
//! gradient accumulation.

use bertlet::{
    device::read,
    engine::LoadOptions,
    kernels::{Dropout, Targets, binary_cross_entropy, cross_entropy},
    train::{
        Balanced, ClassWeights, Method, Objective, Pair, RowTargets, StepReport, TrainOptions, TrainingRows,
        TrainingSession, pairs,
    },
};
use pollster::block_on;
use serde_json::Value;

use crate::{
    fixtures::{Files, Reference, defaults, devices, devices_in_turn, json, max_difference},
    training::{assert_steps, engine, indices, options, rows},
};

#[test]
fn losses_equal_torch() {
    let about = json("model_selection/losses.json");
    let sizes = about["sizes"].as_object().expect("sizes");
    for (device, tolerance) in devices() {
        for kind in ["cross_entropy", "multi_label"] {
            let reference = Reference::open(&format!("model_selection/{kind}.safetensors"));
            for (size, variant) in sizes.keys().flat_map(|size| {
                let variants = about[kind].as_object().expect("variants").keys();
                variants.map(move |variant| (size, variant))
            }) {
                let settings = &about[kind][variant];
                // torch's `pos_weight` has no option here.
                if settings["weights"] == "pos_weight" {
                    continue;
                }
                let name = |end: &str| format!("{size}.{end}");
                let (shape, logits) = reference.floats(&name("logits"));
                let classes = shape[1];
                let smoothing = settings["smoothing"].as_f64().expect("a share") as f32;
                let weights = match settings["weights"].is_null() {
                    true => vec![1.0; classes],
                    false => reference.floats(&name("weights")).1,
                };
                let tensor = bertlet::device::floats(logits, [shape[0], classes], &device.handle.clone().autodiff());
                let tensor = tensor.require_grad();
                let loss = match kind {
                    "cross_entropy" => {
                        let targets = reference.integers(&name("targets"));
                        let whole: f32 = targets.iter().map(|&target| weights[target as usize]).sum();
                        cross_entropy(
                            tensor.clone(),
                            Targets {
                                weights: targets
                                    .iter()
                                    .map(|&t| (1.0 - smoothing) * weights[t as usize] / whole)
                                    .collect(),
                                smoothing_weights: weights
                                    .iter()
                                    .map(|w| smoothing / classes as f32 * w / whole)
                                    .collect(),
                                classes: targets.into_iter().map(|target| target as i32).collect(),
                            },
                        )
                    }
                    _ => {
                        let (_, targets) = reference.floats(&name("targets"));
                        let count = targets.len() as f32;
                        let goals = targets
                            .iter()
                            .map(|y| y * (1.0 - smoothing) + smoothing / 2.0)
                            .collect();
                        binary_cross_entropy(tensor.clone(), goals, weights.iter().map(|w| w / count).collect())
                    }
                };
                let gradient = tensor.grad(&loss.backward()).expect("a gradient");
                for (end, found) in [
                    ("loss", block_on(read(loss.inner())).expect("a loss")),
                    ("grad", block_on(read(gradient)).expect("a gradient")),
                ] {
                    let (_, expected) = reference.floats(&name(&format!("{variant}.{end}")));
                    let most = expected.iter().fold(1.0f32, |most, x| most.max(x.abs()));
                    let difference = max_difference(&found, &expected) / most;
                    assert!(
                        difference < tolerance.forward,
                        "{kind} {size} {variant} {end}: {difference}"
                    );
                }
            }
        }
    }
}

/// The steps of a reference's run, and this crate's steps on the same batches.
fn hold_run(
    case: usize,
    name: &str,
    targets: RowTargets,
    texts: &[String],
    change: impl Fn(TrainOptions) -> TrainOptions,
) {
    let reference = json(&format!("model_selection/{name}.json"));
    let recipe = &reference["recipe"];
    let steps = reference["steps"].as_array().expect("steps");
    for (device, tolerance) in devices_in_turn(case) {
        let several = matches!(targets, RowTargets::Multiple(_));
        let load = LoadOptions {
            problem_type: several.then(|| "multi_label_classification".to_owned()),
            max_length: json("training/rows.json")["max_length"].as_u64().map(|n| n as usize),
            ..defaults()
        };
        let files = Files::tiny(recipe["checkpoint"].as_str().expect("a name"));
        let mut engine = files.load(&device, load).expect("the model");
        let rows = engine.encode(texts).expect("tokens");
        let options = change(TrainOptions {
            epochs: steps.len(),
            batch_size: texts.len(),
            ..options(recipe)
        });
        engine
            .begin_training(rows, targets.clone(), options, "default")
            .expect("a run");
        let step = |step: &Value| {
            let batch = indices(&step["batch"]);
            block_on(engine.train_step_on(&batch)).expect("a step")
        };
        let reports: Vec<StepReport> = steps.iter().map(step).collect();
        assert_steps(name, &reports, steps, "loss", &tolerance);
    }
}

#[test]
fn smoothed_and_weighted_runs_equal_torch() {
    let (texts, labels) = rows();
    hold_run(0, "smoothing", RowTargets::Single(labels.clone()), &texts, |options| {
        TrainOptions {
            label_smoothing: 0.1,
            ..options
        }
    });
    let reference = json("model_selection/balanced.json");
    let chosen = indices(&reference["recipe"]["rows"]);
    let weights = &reference["recipe"]["weights"];
    let of_chosen: Vec<u32> = chosen.iter().map(|&row| labels[row]).collect();
    // The weights computed from the rows give the same run as scikit-learn's, given as numbers.
    let given: Vec<f64> = weights
        .as_array()
        .expect("weights")
        .iter()
        .map(|w| w.as_f64().expect("a weight"))
        .collect();
    for (label, weight) in given.iter().enumerate() {
        let rows = of_chosen.iter().filter(|&&other| other as usize == label).count();
        assert!((of_chosen.len() as f64 / (given.len() * rows) as f64 - weight).abs() < 1e-6);
    }
    hold_run(1, "balanced", RowTargets::Single(labels), &texts, |options| {
        TrainOptions {
            class_weights: Some(ClassWeights::Given(given.clone())),
            ..options
        }
    });
}

#[test]
fn balanced_weights_are_those_of_scikit_learn() {
    let (texts, labels) = rows();
    let reference = json("model_selection/balanced.json");
    let recipe = &reference["recipe"];
    let chosen = indices(&recipe["rows"]);
    let steps = reference["steps"].as_array().expect("steps");
    for (device, tolerance) in devices() {
        let mut engine = engine(&device, "pooler");
        let own: Vec<String> = chosen.iter().map(|&row| texts[row].clone()).collect();
        let targets = RowTargets::Single(chosen.iter().map(|&row| labels[row]).collect());
        let rows = engine.encode(&own).expect("tokens");
        let options = TrainOptions {
            epochs: steps.len(),
            batch_size: own.len(),
            class_weights: Some(ClassWeights::Named(Balanced::Balanced)),
            ..options(recipe)
        };
        engine.begin_training(rows, targets, options, "default").expect("a run");
        let place = |row: &usize| chosen.iter().position(|other| other == row).expect("one of the rows");
        let step = |step: &Value| {
            let batch: Vec<usize> = indices(&step["batch"]).iter().map(place).collect();
            block_on(engine.train_step_on(&batch)).expect("a step")
        };
        let reports: Vec<StepReport> = steps.iter().map(step).collect();
        assert_steps("balanced", &reports, steps, "loss", &tolerance);
    }
}

#[test]
fn runs_of_several_labels_a_row_equal_torch() {
    let texts = rows().0;
    let runs = [("several_labels", 0.0), ("several_labels_smoothing", 0.1)];
    for (case, (name, smoothing)) in runs.into_iter().enumerate() {
        let labels = json(&format!("model_selection/{name}.json"))["recipe"]["labels"].clone();
        let row = |row: &Value| indices(row).into_iter().map(|label| label as u32).collect();
        let targets = RowTargets::Multiple(labels.as_array().expect("rows").iter().map(row).collect());
        hold_run(case, name, targets, &texts, |options| TrainOptions {
            label_smoothing: smoothing,
            ..options
        });
    }
}

#[test]
fn a_step_in_parts_is_the_whole_step() {
    let (texts, labels) = rows();
    let in_parts = |options| TrainOptions {
        batch_size: 3,
        accumulate: 8,
        ..options
    };
    hold_run(0, "accumulate", RowTargets::Single(labels.clone()), &texts, in_parts);
    let weights = &json("model_selection/all_three.json")["recipe"]["weights"];
    let weights: Vec<f64> = weights
        .as_array()
        .expect("weights")
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    hold_run(1, "all_three", RowTargets::Single(labels), &texts, |options| {
        TrainOptions {
            class_weights: Some(ClassWeights::Given(weights.clone())),
            label_smoothing: 0.1,
            ..in_parts(options)
        }
    });
}

#[test]
fn the_cosine_loss_of_pairs_equals_torch() {
    let texts = rows().0;
    let reference = json("model_selection/cosine.json");
    let steps = reference["steps"].as_array().expect("steps");
    let labels = rows().1;
    let pair = |pair: &Value| {
        let rows = indices(pair);
        Pair {
            rows: [rows[0], rows[1]],
            similarity: f32::from(u8::from(labels[rows[0]] == labels[rows[1]])),
        }
    };
    let of_step = |step: &Value| -> Vec<Pair> { step["pairs"].as_array().expect("pairs").iter().map(pair).collect() };
    let all: Vec<Pair> = steps.iter().flat_map(of_step).collect();
    for (device, tolerance) in devices() {
        let engine = engine(&device, "mean");
        let options = TrainOptions {
            method: Method::Contrastive,
            epochs: steps.len(),
            batch_size: all.len(),
            ..options(&reference["recipe"])
        };
        let rows = engine.encode(&texts).expect("tokens");
        let texts = TrainingRows {
            rows,
            pad_id: engine.tokenizer().pad_id(),
            augmentation: None,
        };
        let objective = Objective::Pairs(all.clone());
        let (model, dropout) = (engine.current_model(), Dropout::off());
        let session = TrainingSession::begin(model, texts, objective, options, dropout, device.clone());
        let (mut session, mut done) = (session.expect("a run"), 0);
        let step = |step: &Value| {
            let items: Vec<usize> = (done..done + of_step(step).len()).collect();
            done += items.len();
            block_on(session.step_on(&items)).expect("a step")
        };
        let reports: Vec<StepReport> = steps.iter().map(step).collect();
        assert_steps("cosine", &reports, steps, "loss", &tolerance);
    }
}

#[test]
fn pairs_of_rows_train_the_encoder() {
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    let mut engine = engine(&device, "mean");
    let rows = engine.encode(&texts).expect("tokens");
    let options = TrainOptions {
        method: Method::Contrastive,
        epochs: 1,
        learning_rate: 1e-3,
        ..TrainOptions::default()
    };
    let begun = engine
        .begin_training(rows.clone(), RowTargets::Single(labels.clone()), options, "default")
        .expect("a run");
    assert_eq!(begun.steps, pairs(&labels, 42).len().div_ceil(8));
    let losses: Vec<f32> = (0..begun.steps)
        .map(|_| block_on(engine.train_step()).expect("a step").loss)
        .collect();
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    let (first, last) = (mean(&losses[..10]), mean(&losses[losses.len() - 10..]));
    assert!(last < 0.7 * first, "{first} {last}");
    engine.end_training();
    let all: Vec<&bertlet::text::Row> = rows.iter().collect();
    let pooled = block_on(engine.embed(&all, false)).expect("states");
    engine.fit_centroids(&pooled, &labels).expect("a head");
    let logits = block_on(engine.logits(&all)).expect("logits");
    let right = logits.chunks_exact(3).zip(&labels).filter(|(row, label)| {
        let best = (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b]));
        best == Some(**label as usize)
    });
    let right = right.count();
    assert!(right >= 18, "{right} of 24");
}
