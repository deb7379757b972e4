//! Hidden states, pooled states and logits against transformers.

use std::path::Path;

use bertlet::{
    checkpoint::{self, Tensors},
    device::{self, Device},
    engine::LoadOptions,
    kernels::Dropout,
    model::{BertConfig, Input, Pooling},
    text::{collate, read_tokenizer},
};
use pollster::block_on;

use crate::fixtures::{
    Files, Reference, Tolerance, data, defaults, devices, devices_in_turn, json, max_difference, read_as,
    real_checkpoint, strings,
};

const TINY: [&str; 9] = [
    "model_f32",
    "model_f16_no_pooler",
    "sequence_classification_f32",
    "masked_lm_bf16",
    "pretraining_f32",
    "gelu_new_f16",
    "relu_bf16",
    "cased_vocab_f16",
    "sequence_classification_f16",
];

/// Differences of one checkpoint from its reference: (what, difference).
fn differences(folder: &Path, reference: &str, device: &Device, perturb: bool) -> Vec<(String, f32)> {
    let files = Files::read(folder);
    let (about, tensors) = (
        json(&format!("{reference}.json")),
        Reference::open(&format!("{reference}.safetensors")),
    );
    let config = BertConfig::parse(&files.config).expect("the configuration");
    let length = about["max_length"].as_u64().expect("a length") as usize;
    let tokenizer = read_tokenizer(
        &files.tokenizer,
        files.tokenizer_config.as_deref(),
        config.vocab_size,
        length,
    )
    .expect("the tokenizer");
    let rows: Vec<_> = strings(&about["texts"])
        .iter()
        .map(|text| tokenizer.encode(text).expect("tokens"))
        .collect();
    let batch = collate(&rows, tokenizer.pad_id());
    let mask = tensors.integers("attention_mask");
    assert_eq!(
        batch.attention_mask.iter().map(|&m| u32::from(m)).collect::<Vec<_>>(),
        mask
    );
    let input = Input::new(&batch, &device.handle);

    let (head_shape, head) = tensors.floats("head.weight");
    let (_, bias) = tensors.floats("head.bias");
    let mut found = Vec::new();
    for pooling in strings(&about["poolings"]) {
        let kind = Pooling::from_name(&pooling).expect("a pooling");
        let mut weights = with_head(&files.weights, &head_shape, &head, &bias);
        if perturb {
            // One weight of the last layer changes by a thousandth of a typical weight: the comparison must notice.
            let end = weights.len() - 4 * bias.len() - 4 * head.len() - 4;
            let value = f32::from_le_bytes(weights[end..end + 4].try_into().expect("four bytes"));
            weights[end..end + 4].copy_from_slice(&(value + 0.01).to_le_bytes());
        }
        let file = Tensors::open("model.safetensors", &weights, config.encoder).expect("the weights");
        let loaded = checkpoint::load(&file, &config, read_as(kind, head_shape[0]), &device.handle).expect("the model");
        let states = loaded.model.bert.hidden_states(&input, &Dropout::off());
        assert_eq!(states.len() as u64, about["layers"].as_u64().expect("layers") + 1);
        for (index, state) in states.into_iter().enumerate() {
            let (shape, expected) = tensors.floats(&format!("hidden_states.{index}"));
            let values = block_on(device::read(state)).expect("values");
            // The states of padded positions are not compared.
            let real = |all: &[f32]| -> Vec<f32> {
                let rows = all.chunks(shape[2]).zip(&mask).filter(|(_, m)| **m == 1);
                rows.flat_map(|(row, _)| row.to_vec()).collect()
            };
            found.push((
                format!("hidden_states.{index}"),
                max_difference(&real(&values), &real(&expected)),
            ));
        }
        let pooled = block_on(device::read(loaded.model.bert.forward(&input, &Dropout::off()))).expect("values");
        let logits = loaded.model.forward(&input, &Dropout::off()).expect("a head");
        let logits = block_on(device::read(logits)).expect("values");
        found.push((
            format!("pooled.{pooling}"),
            max_difference(&pooled, &tensors.floats(&format!("pooled.{pooling}")).1),
        ));
        found.push((
            format!("logits.{pooling}"),
            max_difference(&logits, &tensors.floats(&format!("logits.{pooling}")).1),
        ));
    }
    found
}

/// The file's tensors as f32 with the reference's head in place of its own.
fn with_head(weights: &[u8], shape: &[usize], head: &[f32], bias: &[f32]) -> Vec<u8> {
    use safetensors::{Dtype, SafeTensors, tensor::TensorView};
    let file = SafeTensors::deserialize(weights).expect("the weights");
    let little = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let (head, bias_bytes) = (little(head), little(bias));
    let mut views: Vec<(String, TensorView)> = file
        .tensors()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("classifier."))
        .collect();
    views.push((
        "classifier.weight".into(),
        TensorView::new(Dtype::F32, shape.to_vec(), &head).expect("a view"),
    ));
    views.push((
        "classifier.bias".into(),
        TensorView::new(Dtype::F32, vec![bias.len()], &bias_bytes).expect("a view"),
    ));
    safetensors::serialize(views, None).expect("bytes")
}

fn hold(folder: &Path, reference: &str, device: &Device, tolerance: &Tolerance) {
    for (what, difference) in differences(folder, reference, device, false) {
        println!("{reference} {:?} {what}: {difference:.1e}", device.kind);
        assert!(difference <= tolerance.forward, "{reference} {what}: {difference}");
    }
}

#[test]
fn every_checkpoint_kind_equals_transformers() {
    for (device, tolerance) in devices() {
        for name in TINY {
            hold(
                &data("checkpoints").join(name),
                &format!("forward/{name}"),
                &device,
                &tolerance,
            );
        }
    }
}

#[test]
fn real_checkpoints_equal_transformers() {
    for (case, name) in ["all-MiniLM-L6-v2", "minilm-l3-v14k-fp16"].into_iter().enumerate() {
        for (device, tolerance) in devices_in_turn(case) {
            match real_checkpoint(name) {
                Some(folder) => hold(&folder, &format!("real/{name}"), &device, &tolerance),
                None => println!("{name} is not on this machine: it was not compared"),
            }
        }
    }
}

#[test]
fn a_changed_weight_is_noticed() {
    for (device, tolerance) in devices() {
        let found = differences(
            &data("checkpoints/sequence_classification_f32"),
            "forward/sequence_classification_f32",
            &device,
            true,
        );
        assert!(found.iter().any(|(_, difference)| *difference > tolerance.forward));
    }
}

#[test]
fn a_padded_row_gets_what_it_gets_alone() {
    for (device, tolerance) in devices() {
        for pooling in ["pooler", "cls", "mean", "max"] {
            let options = bertlet::engine::LoadOptions {
                pooling: Some(pooling.into()),
                ..defaults()
            };
            let engine = Files::tiny("sequence_classification_f32")
                .load(&device, options)
                .expect("the model");
            let rows = engine
                .encode(&[
                    "a".into(),
                    "the cat sat on the mat and the dog ran".into(),
                    String::new(),
                ])
                .expect("tokens");
            let together = block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits");
            let alone: Vec<f32> = rows
                .iter()
                .flat_map(|row| block_on(engine.logits(&[row])).expect("logits"))
                .collect();
            assert!(max_difference(&together, &alone) <= tolerance.forward / 10.0);
        }
    }
}

/// A run of the head alone is evaluated by states that are computed once.
#[test]
fn logits_of_pooled_states_are_those_of_the_rows() {
    for (device, _) in devices() {
        for pooling in ["pooler", "mean"] {
            let options = LoadOptions {
                pooling: Some(pooling.to_owned()),
                ..defaults()
            };
            let files = Files::tiny("sequence_classification_f32");
            let engine = files.load(&device, options).expect("the model");
            let texts = ["the box was late", "good", "what a long day it was"].map(str::to_owned);
            let rows = engine.encode(&texts).expect("tokens");
            let rows: Vec<_> = rows.iter().collect();
            let pooled = block_on(engine.embed(&rows, false)).expect("states");
            let found = block_on(engine.logits_of_pooled(pooled)).expect("logits");
            assert_eq!(found, block_on(engine.logits(&rows)).expect("logits"), "{pooling}");
        }
    }
}
