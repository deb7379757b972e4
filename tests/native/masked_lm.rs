//! Masked language modelling against transformers: loss, gradients, twenty steps, filled masks.

use bertlet::{
    Error,
    checkpoint::{Class, Dtype},
    device::Device,
    engine::{Engine, LoadOptions},
    text::{MaskedRow, MaskingOptions, Row},
    train::{Schedule, TrainOptions},
};
use pollster::block_on;
use safetensors::{SafeTensors, tensor::TensorView};
use serde_json::Value;

use crate::{
    fixtures::{Files, Reference, Tolerance, defaults, devices, json},
    training::assert_steps,
};

const CHECKPOINTS: [&str; 2] = ["masked_lm_bf16", "pretraining_f32"];

/// A tiny checkpoint with its masked-LM head.
pub fn engine(device: &Device, name: &str) -> Engine {
    let options = LoadOptions {
        masked_lm: true,
        ..defaults()
    };
    Files::tiny(name).load(device, options).expect("the model")
}

/// A masked row of ids and labels; negative labels are no targets.
fn masked(ids: impl Iterator<Item = u32>, labels: impl Iterator<Item = i64>) -> MaskedRow {
    let input_ids: Vec<u32> = ids.collect();
    MaskedRow {
        row: Row {
            token_type_ids: vec![0; input_ids.len()],
            input_ids,
            truncated: false,
        },
        targets: (labels.enumerate())
            .filter(|&(_, label)| label >= 0)
            .map(|(place, label)| (place, label as u32))
            .collect(),
    }
}

/// The batch of the reference's gradients.
fn batch(reference: &Reference) -> Vec<MaskedRow> {
    let read = |name| reference.integers(name);
    let (ids, mask, labels) = (read("input_ids"), read("attention_mask"), read("labels"));
    let (_, positions) = (0, read("positions"));
    let rows = positions.chunks(2).map(|pair| pair[0]).max().expect("positions") as usize + 1;
    let seq_len = ids.len() / rows;
    (0..rows)
        .map(|row| {
            let length = mask[row * seq_len..][..seq_len].iter().sum::<u32>() as usize;
            let part = row * seq_len..row * seq_len + length;
            let label = |&label: &u32| i64::from(label as i32);
            masked(ids[part.clone()].iter().copied(), labels[part].iter().map(label))
        })
        .collect()
}

#[test]
fn loss_and_gradients_equal_transformers() {
    for (device, tolerance) in devices() {
        for name in CHECKPOINTS {
            let reference = Reference::open(&format!("masked_lm/{name}.safetensors"));
            let engine = engine(&device, name);
            let (loss, gradients) = block_on(engine.masked_gradients(&batch(&reference))).expect("gradients");
            let expected = reference.floats("loss").1[0];
            assert!((loss - expected).abs() <= tolerance.loss, "{name}: {loss} {expected}");
            let expected = reference
                .names()
                .iter()
                .filter(|name| name.starts_with("grad."))
                .count();
            assert_eq!(gradients.len(), expected, "{name}: parameters with a gradient");
            for (parameter, found) in gradients {
                let (_, expected) = reference.floats(&format!("grad.{parameter}"));
                let difference = norm(found.iter().zip(&expected).map(|(a, b)| a - b));
                if parameter.ends_with("key.bias") {
                    assert!(difference < 1e-5, "{parameter}: {difference}");
                    continue;
                }
                let size = norm(expected.iter().copied());
                assert!(
                    size > 0.0 && difference <= tolerance.gradient * size,
                    "{name} {parameter}: {difference} of {size}"
                );
            }
        }
    }
}

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

fn options(recipe: &Value, epochs: usize, batch_size: usize) -> TrainOptions {
    let number = |name: &str| recipe[name].as_f64().unwrap_or_else(|| panic!("{name}"));
    TrainOptions {
        epochs,
        batch_size,
        learning_rate: number("learning_rate"),
        weight_decay: number("weight_decay"),
        warmup_ratio: number("warmup_ratio"),
        schedule: Schedule::Linear,
        max_grad_norm: recipe["max_grad_norm"].as_f64().unwrap_or(0.0),
        dropout: Some(0.0),
        shuffle: false,
        ..TrainOptions::default()
    }
}

#[test]
fn twenty_steps_equal_transformers() {
    let batches = json("masked_lm/batches.json");
    for (device, tolerance) in devices() {
        for name in CHECKPOINTS {
            let reference = json(&format!("masked_lm/{name}.json"));
            let mut engine = engine(&device, name);
            let steps = reference["steps"].as_array().expect("steps");
            assert_masked_steps(name, &mut engine, &reference["recipe"], &batches, steps, &tolerance);
        }
    }
}

/// Twenty steps on masked rows, `batches` of ids and labels, against those of a reference.
pub fn assert_masked_steps(
    name: &str,
    engine: &mut Engine,
    recipe: &Value,
    batches: &Value,
    steps: &[Value],
    tolerance: &Tolerance,
) {
    let numbers = |value: &Value| -> Vec<i64> {
        let numbers = value.as_array().expect("numbers").iter();
        numbers.map(|number| number.as_i64().expect("a number")).collect()
    };
    let batches: Vec<Vec<MaskedRow>> = (batches.as_array().expect("batches").iter())
        .map(|batch| {
            let rows = batch.as_array().expect("rows").iter();
            let row = |row: &Value| {
                let (ids, labels) = (numbers(&row["input_ids"]), numbers(&row["labels"]));
                masked(ids.into_iter().map(|id| id as u32), labels.into_iter())
            };
            rows.map(row).collect()
        })
        .collect();
    let rows: Vec<MaskedRow> = batches.iter().flatten().cloned().collect();
    // One step an epoch, so that the run has as many steps as epochs.
    let options = options(recipe, steps.len(), 1024);
    let begun = engine.begin_pretraining_on(rows, options).expect("a run");
    assert_eq!((begun.steps, steps.len()), (20, 20));
    let mut first = 0;
    let mut reports = Vec::new();
    for batch in &batches {
        let chosen: Vec<usize> = (first..first + batch.len()).collect();
        first += batch.len();
        reports.push(block_on(engine.train_step_on(&chosen)).expect("a step"));
    }
    assert_steps(name, &reports, steps, "loss", tolerance);
}

#[test]
fn filled_masks_equal_transformers() {
    for (device, tolerance) in devices() {
        for name in CHECKPOINTS {
            let about = json(&format!("masked_lm/{name}_fill.json"));
            let sentences = about["sentences"].as_array().expect("sentences");
            assert_eq!(sentences.len(), 50);
            let engine = engine(&device, name);
            for sentence in sentences {
                let text = sentence["text"].as_str().expect("a text").to_owned();
                let rows = engine.encode(std::slice::from_ref(&text)).expect("tokens");
                let filled = block_on(engine.fill_mask(&rows[0], 5)).expect("words");
                assert_eq!(filled.len(), 1, "{text}");
                let top = sentence["top"].as_array().expect("five");
                assert_eq!((filled[0].len(), top.len()), (5, 5));
                for (found, expected) in filled[0].iter().zip(top) {
                    assert_eq!(
                        Some(u64::from(found.token)),
                        expected["token"].as_u64(),
                        "{name} {text} {expected}"
                    );
                    assert_eq!(Some(found.token_str.as_str()), expected["token_str"].as_str(), "{text}");
                    let off = (f64::from(found.score) - expected["score"].as_f64().expect("a score")).abs();
                    assert!(off <= f64::from(tolerance.forward), "{text}: {found:?} {expected}");
                }
            }
        }
    }
}

#[test]
fn each_mask_is_filled_and_the_rest_of_the_text_stays() {
    for (device, _) in devices() {
        let engine = engine(&device, "masked_lm_bf16");
        let rows = engine
            .encode(&["the [MASK] is late".into(), "[MASK] and [MASK]".into(), "late".into()])
            .expect("tokens");
        let one = block_on(engine.fill_mask(&rows[0], 1)).expect("words");
        let Some(found) = one.first().and_then(|best| best.first()) else {
            panic!("a word")
        };
        assert!(
            found.sequence.starts_with("the ") && found.sequence.ends_with("is late"),
            "{found:?}"
        );
        let two = block_on(engine.fill_mask(&rows[1], 3)).expect("words");
        assert_eq!(two.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
        assert!(two[0][0].sequence.contains("[MASK] [SEP]"), "{:?}", two[0][0]);
        let none = block_on(engine.fill_mask(&rows[2], 3)).expect_err("no mask");
        assert_eq!(none.code(), "bad-row");
    }
}

#[test]
fn a_decoder_of_its_own_is_refused_by_name() {
    let (device, _) = devices().remove(0);
    let plain = Files::tiny("masked_lm_bf16");
    for (tied, other) in [
        ("cls.predictions.bias", "cls.predictions.decoder.bias"),
        (
            "bert.embeddings.word_embeddings.weight",
            "cls.predictions.decoder.weight",
        ),
    ] {
        for differs in [false, true] {
            let all = SafeTensors::deserialize(&plain.weights).expect("tensors");
            let view = all.tensor(tied).expect("a tensor");
            let mut copy = view.data().to_vec();
            if differs {
                copy[0] ^= 1;
            }
            let copy = TensorView::new(view.dtype(), view.shape().to_vec(), &copy).expect("a tensor");
            let mut tensors = all.tensors();
            tensors.push((other.to_owned(), copy));
            let mut files = Files::tiny("masked_lm_bf16");
            files.weights = safetensors::serialize(tensors, None).expect("a file");
            let masked = LoadOptions {
                masked_lm: true,
                ..defaults()
            };
            let refused = files.load(&device, masked).err();
            assert_eq!(refused.is_some(), differs, "{other}: {refused:?}");
            if let Some(error) = refused {
                assert_eq!(error.code(), "unsupported-architecture");
                assert!(error.to_string().contains(other), "{error}");
            }
            files.load(&device, defaults()).expect("the encoder alone");
        }
    }
}

#[test]
fn a_model_saved_with_its_head_alone_is_pooled_as_before() {
    let (device, _) = devices().remove(0);
    for pooling in ["cls", "max", "mean"] {
        let load = |files: &Files, pooling: Option<&str>| {
            let options = LoadOptions {
                masked_lm: true,
                pooling: pooling.map(str::to_owned),
                ..defaults()
            };
            files.load(&device, options).expect("the model")
        };
        let engine = load(&Files::tiny("masked_lm_bf16"), Some(pooling));
        let mut files = Files::tiny("masked_lm_bf16");
        files.config = engine.saved_config(Class::MaskedLm, Dtype::F32).into_bytes();
        files.weights = block_on(engine.save(Class::MaskedLm, Dtype::F32)).expect("weights");
        assert_eq!(load(&files, None).info().pooling, pooling);
    }
}

#[test]
fn a_head_is_there_only_where_it_was_asked_for() {
    for (device, _) in devices() {
        let without = Files::tiny("masked_lm_bf16")
            .load(&device, defaults())
            .expect("the model");
        let with = engine(&device, "masked_lm_bf16");
        let (hidden, vocab) = (with.info().hidden_size, with.info().vocab_size);
        assert_eq!(
            with.info().parameters - without.info().parameters,
            hidden * hidden + 3 * hidden + vocab
        );
        assert!(
            without
                .info()
                .unused_tensors
                .contains(&"cls.predictions.bias".to_owned())
        );
        assert!(
            !with
                .info()
                .unused_tensors
                .iter()
                .any(|name| name.starts_with("cls.predictions"))
        );
        let rows = without.encode(&["a [MASK]".into()]).expect("tokens");
        let refused = block_on(without.fill_mask(&rows[0], 5)).expect_err("no head");
        assert_eq!(refused, Error::no_masked_lm_head());

        let mut new = engine(&device, "model_f32");
        assert!(
            new.info()
                .new_tensors
                .contains(&"cls.predictions.transform.LayerNorm.weight".to_owned())
        );
        let refused = block_on(new.fill_mask(&rows[0], 5)).expect_err("a new head");
        assert_eq!(refused.code(), "bad-state");
        assert!(refused.to_string().contains("has learned nothing"), "{refused}");
        let texts = new.encode(&["the cat sat".into()]).expect("tokens");
        new.begin_pretraining(texts, TrainOptions::default(), MaskingOptions::default())
            .expect("a run");
        block_on(new.train_step()).expect("a step");
        new.end_training();
        assert!(block_on(new.fill_mask(&rows[0], 5)).is_ok());
    }
}
