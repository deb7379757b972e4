//! Twenty steps of distillation against torch, and what becomes of the teacher.

use bertlet::{
    engine::{Engine, LoadOptions},
    train::{DistillOptions, Method, RowTargets, StepReport, TrainOptions},
};
use pollster::block_on;
use serde_json::Value;

use crate::{
    fixtures::{Files, defaults, devices, json},
    training::{assert_steps, batches, engine, options, rows},
};

fn distill_options(recipe: &Value) -> DistillOptions {
    let number = |name: &str| recipe[name].as_f64().unwrap_or_else(|| panic!("{name}"));
    let layers = recipe["layers"].as_array().expect("layers").iter();
    DistillOptions {
        layers: layers.map(|layer| layer.as_u64().expect("a number") as usize).collect(),
        temperature: number("temperature"),
        alpha: number("alpha"),
        hidden_weight: number("hidden_weight"),
    }
}

/// The labels of the rows: of some recipes, several a row.
fn targets(recipe: &Value) -> RowTargets {
    match recipe["labels"].as_array() {
        None => RowTargets::Single(rows().1),
        Some(labels) => {
            let row = |row: &Value| -> Vec<u32> {
                let labels = row.as_array().expect("labels").iter();
                labels.map(|label| label.as_u64().expect("a label") as u32).collect()
            };
            RowTargets::Multiple(labels.iter().map(row).collect())
        }
    }
}

/// Twenty steps, `batch_size` rows at a time.
fn run(engine: &mut Engine, recipe: &Value, batch_size: usize) -> Vec<StepReport> {
    let encoded = engine.encode(&rows().0).expect("tokens");
    let train = TrainOptions {
        epochs: 20,
        batch_size,
        // All 24 rows are a step of the schedule.
        accumulate: 24 / batch_size,
        ..options(recipe)
    };
    let distill = distill_options(recipe);
    let begun = engine.begin_distillation(encoded, targets(recipe), train, distill);
    assert_eq!(begun.expect("a run").steps, 20);
    let batches = batches();
    let steps = batches.iter().take(20);
    steps
        .map(|batch| block_on(engine.train_step_on(batch)).expect("a step"))
        .collect()
}

#[test]
fn twenty_steps_equal_torch() {
    // The second takes the rows of a step three at a time: the loss is that of the step.
    for (name, batch_size) in [
        ("pooler", 24),
        ("pooler", 3),
        ("mean", 8),
        ("answers", 24),
        ("several_labels", 4),
    ] {
        let reference = json(&format!("training/distill_{name}.json"));
        let (recipe, expected) = (&reference["recipe"], reference["steps"].as_array().expect("steps"));
        for (device, tolerance) in devices() {
            let load = LoadOptions {
                pooling: recipe["pooling"].as_str().map(str::to_owned),
                problem_type: recipe["problem_type"].as_str().map(str::to_owned),
                max_length: Some(24),
                ..defaults()
            };
            let mut engine = Files::tiny("sequence_classification_f32")
                .load(&device, load)
                .expect("the model");
            let reports = run(&mut engine, recipe, batch_size);
            assert_steps(name, &reports, expected, "loss", &tolerance);
            assert_eq!(engine.info().layers, 1);
            engine.end_training();
        }
    }
}

#[test]
fn a_student_of_all_layers_begins_as_its_teacher() {
    let recipe = &json("training/distill_answers.json")["recipe"];
    let (texts, _) = rows();
    for (device, _) in devices() {
        let mut engine = engine(&device, "pooler");
        let encoded = engine.encode(&texts).expect("tokens");
        let logits = |engine: &Engine| block_on(engine.logits(&encoded.iter().collect::<Vec<_>>())).expect("logits");
        let before = logits(&engine);
        let train = TrainOptions {
            batch_size: 24,
            ..options(recipe)
        };
        let distill = DistillOptions {
            layers: vec![0, 1],
            hidden_weight: 1.0,
            ..distill_options(recipe)
        };
        engine
            .begin_distillation(encoded.clone(), targets(recipe), train, distill)
            .expect("a run");
        assert_eq!(logits(&engine), before);
        // Nothing is to be learned from a teacher that one equals.
        let first = block_on(engine.train_step()).expect("a step");
        assert!(first.loss.abs() < 1e-5 && first.grad_norm < 1e-3, "{first:?}");
        engine.end_training();
    }
}

#[test]
fn a_head_is_new_until_it_is_trained() {
    let (device, _) = devices().remove(0);
    let mut engine = engine(&device, "pooler");
    let (texts, labels) = rows();
    let train = |engine: &mut Engine, method: Method| {
        let encoded = engine.encode(&texts).expect("tokens");
        let train = TrainOptions {
            method,
            ..TrainOptions::default()
        };
        let targets = RowTargets::Single(labels.clone());
        engine.begin_training(encoded, targets, train, "mine").expect("a run");
        block_on(engine.train_step()).expect("a step");
    };
    engine
        .set_labels(["a", "b", "c"].map(str::to_owned).to_vec(), 1)
        .expect("labels");
    train(&mut engine, Method::Lora);
    assert!(engine.info().new_head);
    engine.end_training();
    assert!(!engine.info().new_head, "the adapter's");
    engine.use_adapter(None).expect("it is off");
    assert!(engine.info().new_head, "the model's own");
    let untrained = engine.snapshot();
    train(&mut engine, Method::Full);
    let trained = engine.snapshot();
    engine.restore(&untrained);
    assert!(engine.info().new_head);
    engine.restore(&trained);
    assert!(!engine.info().new_head);
}

#[test]
fn what_cannot_teach_is_refused() {
    let (device, _) = devices().remove(0);
    let recipe = &json("training/distill_pooler.json")["recipe"];
    let code = |engine: &mut Engine, train: TrainOptions, distill: DistillOptions| {
        let encoded = engine.encode(&rows().0).expect("tokens");
        let begun = engine.begin_distillation(encoded, targets(recipe), train, distill);
        begun.map_err(|error| error.code()).map(|run| run.steps)
    };
    let good = || distill_options(recipe);
    let mut engine = engine(&device, "pooler");
    for bad in [
        DistillOptions {
            layers: Vec::new(),
            ..good()
        },
        DistillOptions {
            layers: vec![2],
            ..good()
        },
        DistillOptions {
            temperature: 0.5,
            ..good()
        },
        DistillOptions { alpha: 1.5, ..good() },
        DistillOptions {
            hidden_weight: f64::NAN,
            ..good()
        },
    ] {
        assert_eq!(
            code(&mut engine, options(recipe), bad.clone()),
            Err("bad-option"),
            "{bad:?}"
        );
    }
    let head = TrainOptions {
        method: Method::Head,
        ..options(recipe)
    };
    assert_eq!(code(&mut engine, head, good()), Err("bad-option"));
    engine
        .set_labels(vec!["a".into(), "b".into(), "c".into()], 1)
        .expect("labels");
    assert_eq!(code(&mut engine, options(recipe), good()), Err("bad-state"));
    assert_eq!(engine.info().layers, 2, "a refused run leaves the model as it was");
}
