//! New labels of a trained head: the old rows stay bit for bit, the new one points where its examples do.

use bertlet::{
    checkpoint::{Class, Dtype},
    engine::Engine,
};
use pollster::block_on;
use safetensors::SafeTensors;

use crate::fixtures::{Files, defaults, devices};

const TEXTS: [&str; 3] = ["the box was late", "good", "what a long day it was"];

fn logits(engine: &Engine) -> Vec<Vec<f32>> {
    let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
    let found = block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits");
    found.chunks(engine.info().labels.len()).map(<[f32]>::to_vec).collect()
}

/// The saved head: its weight `[labels, hidden]`, and its bias.
fn head(engine: &Engine) -> (Vec<f32>, Vec<f32>) {
    let saved = block_on(engine.save(Class::Classifier, Dtype::F32)).expect("a file");
    let tensors = SafeTensors::deserialize(&saved).expect("safetensors");
    let [weight, bias] = ["classifier.weight", "classifier.bias"].map(|name| {
        let tensor = tensors.tensor(name).expect(name);
        let numbers = tensor.data().as_chunks().0.iter();
        numbers.map(|bytes| f32::from_le_bytes(*bytes)).collect()
    });
    (weight, bias)
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|x| x * x).sum::<f32>().sqrt()
}

#[test]
fn old_rows_stay_and_the_new_one_is_the_scaled_mean_state() {
    for (device, tolerance) in devices() {
        let files = Files::tiny("sequence_classification_f32");
        let mut engine = files.load(&device, defaults()).expect("the model");
        let before = logits(&engine);
        let old = engine.info().labels.len();
        let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
        let states = block_on(engine.embed(&rows.iter().collect::<Vec<_>>(), false)).expect("states");
        let hidden = states.len() / TEXTS.len();
        let mean: Vec<f32> = (0..hidden)
            .map(|place| (states[place] + states[hidden + place]) / 2.0)
            .collect();
        // Another label, of which any state will do.
        let both = [mean.clone(), states[2 * hidden..].to_vec()].concat();
        block_on(engine.add_labels(vec!["new".into(), "other".into()], &both)).expect("labels");
        assert_eq!(engine.info().labels[old..], ["new", "other"]);
        let (weight, bias) = head(&engine);
        let rows: Vec<&[f32]> = weight.chunks_exact(hidden).collect();
        assert_eq!((rows.len(), bias.len()), (old + 2, old + 2));
        let length = rows[..old].iter().map(|row| norm(row)).sum::<f32>() / old as f32;
        let scale = length / norm(&mean);
        for (found, expected) in rows[old].iter().zip(&mean) {
            assert!((found - scale * expected).abs() < 1e-5);
        }
        assert!((bias[old] - bias[..old].iter().sum::<f32>() / old as f32).abs() < 1e-6);
        for (before, after) in before.iter().zip(logits(&engine)) {
            let off = before
                .iter()
                .zip(&after)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            assert!(off <= tolerance.forward, "{off}");
        }
    }
}

#[test]
fn labels_that_cannot_join_are_refused() {
    let (device, _) = devices().remove(0);
    let files = Files::tiny("sequence_classification_f32");
    let mut engine = files.load(&device, defaults()).expect("the model");
    let hidden = engine.info().hidden_size;
    let known = engine.info().labels[0].clone();
    let state = vec![1.0; hidden];
    let cases: [(Vec<String>, Vec<f32>, &str); 5] = [
        (vec![known], state.clone(), "bad-option"),
        (vec![String::new()], state.clone(), "bad-option"),
        (vec!["a".into(), "a".into()], vec![1.0; 2 * hidden], "bad-option"),
        (vec!["a".into()], state[1..].to_vec(), "bad-row"),
        (vec!["a".into()], vec![f32::NAN; hidden], "bad-row"),
    ];
    let before = logits(&engine);
    for (labels, states, code) in cases {
        let failure = block_on(engine.add_labels(labels, &states)).expect_err(code);
        assert_eq!(failure.code(), code, "{failure}");
    }
    assert_eq!(logits(&engine), before);
}
