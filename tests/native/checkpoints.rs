//! Loading and saving checkpoints: which tensors are new or unused, the round trip, and each malformed file's error
//! code.

use bertlet::{
    checkpoint::{Class, Dtype},
    device::Device,
    engine::{Engine, LoadOptions},
};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixtures::{Files, defaults, devices, max_difference};

fn cpu() -> Device {
    devices().remove(0).0
}

fn labelled(labels: &[&str]) -> LoadOptions {
    LoadOptions {
        labels: Some(labels.iter().map(|&label| label.to_owned()).collect()),
        ..defaults()
    }
}

fn logits(engine: &Engine) -> Vec<f32> {
    let rows = engine
        .encode(&["the cat sat".into(), "a dog and 日本".into(), String::new()])
        .expect("tokens");
    block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
}

#[test]
fn a_head_with_labels_classifies_at_once() {
    let engine = Files::tiny("sequence_classification_f32")
        .load(&cpu(), defaults())
        .expect("the model");
    let info = engine.info();
    assert_eq!((info.labels.len(), info.new_head, info.pooling), (3, false, "pooler"));
    assert!(
        info.new_tensors.is_empty() && info.unused_tensors.is_empty(),
        "{info:?}"
    );
}

#[test]
fn every_tensor_is_accounted_for() {
    let load = |name| {
        Files::tiny(name)
            .load(&cpu(), labelled(&["x", "y"]))
            .expect("the model")
            .info()
            .clone()
    };
    let info = load("pretraining_f32");
    assert_eq!(info.new_tensors, ["classifier.weight", "classifier.bias"]);
    assert!(info.unused_tensors.iter().any(|name| name.contains("position_ids")));
    assert!(
        info.unused_tensors
            .iter()
            .all(|name| name.contains("position_ids") || name.starts_with("cls.")),
        "{info:?}"
    );
    assert!(info.new_head);
    let info = load("masked_lm_bf16");
    assert_eq!(info.pooling, "mean");
    assert_eq!(info.new_tensors, ["classifier.weight", "classifier.bias"]);
    let options = LoadOptions {
        pooling: Some("pooler".into()),
        ..labelled(&["x", "y"])
    };
    let info = Files::tiny("masked_lm_bf16")
        .load(&cpu(), options)
        .expect("the model")
        .info()
        .clone();
    assert!(info.new_tensors.contains(&"bert.pooler.dense.weight".to_owned()));
}

#[test]
fn a_new_head_follows_the_seed() {
    let head = |seed| {
        logits(
            &Files::tiny("model_f32")
                .load(
                    &cpu(),
                    LoadOptions {
                        seed,
                        ..labelled(&["x", "y"])
                    },
                )
                .expect("the model"),
        )
    };
    assert_eq!(head(1), head(1));
    assert_ne!(head(1), head(2));
}

#[test]
fn saved_and_loaded_again_is_equal() {
    for (pooling, dtype, tolerance) in [
        ("pooler", Dtype::F32, 0.0),
        ("cls", Dtype::F32, 0.0),
        ("mean", Dtype::F32, 0.0),
        ("max", Dtype::F32, 0.0),
        ("pooler", Dtype::F16, 2e-2),
    ] {
        let options = LoadOptions {
            pooling: Some(pooling.into()),
            ..labelled(&["one", "二", "three"])
        };
        let engine = Files::tiny("pretraining_f32").load(&cpu(), options).expect("the model");
        let saved = Files {
            config: engine.saved_config(Class::Classifier, dtype).into_bytes(),
            tokenizer: engine.tokenizer().to_json().expect("a file").into_bytes(),
            tokenizer_config: None,
            weights: block_on(engine.save(Class::Classifier, dtype)).expect("the weights"),
            others: std::collections::BTreeMap::new(),
        };
        let again = saved.load(&cpu(), defaults()).expect("the saved model");
        assert_eq!(again.info().labels, ["one", "二", "three"]);
        assert_eq!(again.info().pooling, pooling);
        assert!(again.info().new_tensors.is_empty());
        assert!(max_difference(&logits(&engine), &logits(&again)) <= tolerance);
        assert_eq!(
            engine.saved_modeling_code(Class::Classifier).is_some(),
            pooling != "pooler"
        );
    }
}

/// A safetensors file from a header and data.
fn safetensors_file(header: &Value, data: &[u8]) -> Vec<u8> {
    let header = header.to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn code(files: &Files, options: LoadOptions) -> &'static str {
    match files.load(&cpu(), options) {
        Ok(_) => "loaded",
        Err(error) => {
            println!("{}: {error}", error.code());
            error.code()
        }
    }
}

#[test]
fn weights_in_64_bits_are_read() {
    let good = Files::tiny("sequence_classification_f32");
    let weights = safetensors::SafeTensors::deserialize(&good.weights).expect("safetensors");
    let parts = weights.iter().map(|(name, view)| {
        let numbers = view.data().as_chunks().0.iter().copied().map(f32::from_le_bytes);
        let bytes: Vec<u8> = numbers.flat_map(|number| f64::from(number).to_le_bytes()).collect();
        (name.to_owned(), view.shape().to_vec(), bytes)
    });
    let parts: Vec<_> = parts.collect();
    let views = parts.iter().map(|(name, shape, bytes)| {
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F64, shape.clone(), bytes);
        (name, view.expect("a tensor"))
    });
    let weights = safetensors::serialize(views, None).expect("safetensors");
    let [found, expected] = [
        Files {
            weights,
            ..Files::tiny("sequence_classification_f32")
        },
        good,
    ]
    .map(|files| logits(&files.load(&cpu(), defaults()).expect("the model")));
    assert_eq!(found, expected);
}

#[test]
fn malformed_weights_have_their_code() {
    let good = Files::tiny("model_f32").weights;
    let header_length = u64::from_le_bytes(good[..8].try_into().expect("eight bytes")) as usize;
    let header: Value = serde_json::from_slice(&good[8..8 + header_length]).expect("a header");
    let data = &good[8 + header_length..];
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut header = header.clone();
        change(&mut header);
        safetensors_file(&header, data)
    };
    let name = "encoder.layer.0.output.dense.bias";
    let reshaped = changed(&|h| h[name]["shape"] = json!([4, 8]));
    let retyped = changed(&|h| {
        h[name] = json!({"dtype": "I32", "shape": h[name]["shape"], "data_offsets": h[name]["data_offsets"]})
    });
    let renamed = changed(&|h| {
        let entry = h[name].take();
        h.as_object_mut().expect("an object").remove(name);
        h["encoder.layer.0.output.dense.bios"] = entry;
    });
    let overlapping = changed(&|h| h[name]["data_offsets"] = json!([0, 128]));
    let outside = changed(&|h| h[name]["data_offsets"] = json!([data.len(), data.len() + 128]));
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "bad-weights"),
        ("shorter than its header", good[..40].to_vec(), "bad-weights"),
        ("truncated", good[..good.len() - 100].to_vec(), "bad-weights"),
        ("with bytes behind", [good.clone(), vec![0; 8]].concat(), "bad-weights"),
        (
            "a header of 2^63 bytes",
            [&(1u64 << 63).to_le_bytes()[..], &good[8..]].concat(),
            "bad-weights",
        ),
        (
            "a header of 100 GB",
            [&100_000_000_000u64.to_le_bytes()[..], &good[8..]].concat(),
            "bad-weights",
        ),
        ("overlapping offsets", overlapping, "bad-weights"),
        ("offsets outside", outside, "bad-weights"),
        ("another shape", reshaped, "shape-mismatch"),
        ("whole numbers", retyped, "unsupported-dtype"),
        ("a missing tensor", renamed, "missing-tensor"),
        (
            "a zip, as torch.save writes",
            b"PK\x03\x04rest of the archive".to_vec(),
            "pickle-refused",
        ),
        ("a bare pickle", b"\x80\x02}q\x00.".to_vec(), "pickle-refused"),
        (
            "an HTML page",
            b"<!DOCTYPE html><html><body>Not found</body></html>".to_vec(),
            "bad-weights",
        ),
        (
            "a Git LFS pointer",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".to_vec(),
            "bad-weights",
        ),
    ];
    for (what, weights, expected) in cases {
        let files = Files {
            weights,
            ..Files::tiny("model_f32")
        };
        assert_eq!(code(&files, labelled(&["x", "y"])), expected, "{what}");
    }
}

#[test]
fn malformed_configurations_have_their_code() {
    let good: Value = serde_json::from_slice(&Files::tiny("model_f32").config).expect("JSON");
    let with = |key: &str, value: Value| {
        let mut config = good.clone();
        config[key] = value;
        config.to_string().into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "bad-config"),
        ("not JSON", b"<!DOCTYPE html>".to_vec(), "bad-config"),
        ("an array", b"[]".to_vec(), "bad-config"),
        ("0 heads", with("num_attention_heads", json!(0)), "bad-config"),
        (
            "heads that do not divide",
            with("num_attention_heads", json!(5)),
            "bad-config",
        ),
        ("a negative size", with("hidden_size", json!(-32)), "bad-config"),
        ("a huge size", with("vocab_size", json!(1e18)), "bad-config"),
        ("another size", with("hidden_size", json!(64)), "shape-mismatch"),
        ("more layers", with("num_hidden_layers", json!(3)), "missing-tensor"),
        ("an unknown activation", with("hidden_act", json!("mish")), "bad-config"),
        ("dropout of 2", with("hidden_dropout_prob", json!(2.0)), "bad-config"),
        (
            "another encoder",
            with("model_type", json!("deberta-v2")),
            "unsupported-architecture",
        ),
        (
            "another head",
            with("architectures", json!(["BertForImages"])),
            "unsupported-architecture",
        ),
        (
            "relative positions",
            with("position_embedding_type", json!("relative_key")),
            "unsupported-architecture",
        ),
        ("a decoder", with("is_decoder", json!(true)), "unsupported-architecture"),
    ];
    for (what, config, expected) in cases {
        let files = Files {
            config,
            ..Files::tiny("model_f32")
        };
        assert_eq!(code(&files, labelled(&["x", "y"])), expected, "{what}");
    }
}

#[test]
fn other_tokenizers_have_their_code() {
    let good: Value = serde_json::from_slice(&Files::tiny("model_f32").tokenizer).expect("JSON");
    let model = |value: Value| {
        let mut json = good.clone();
        json["model"] = value;
        json.to_string().into_bytes()
    };
    let mut too_large = good.clone();
    too_large["model"]["vocab"]["extra"] = json!(100_000);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("not UTF-8", vec![0xff, 0xfe, 0x00]),
        ("BPE", model(json!({"type": "BPE", "vocab": {"a": 0}, "merges": []}))),
        (
            "Unigram",
            model(json!({"type": "Unigram", "unk_id": 0, "vocab": [["a", 0.0]]})),
        ),
        ("no model", b"{}".to_vec()),
        ("ids beyond the embedding", too_large.to_string().into_bytes()),
        ("a text that is no vocabulary", b"hello\nworld\n".to_vec()),
        ("an HTML page", b"<!DOCTYPE html>".to_vec()),
    ];
    for (what, tokenizer) in cases {
        let files = Files {
            tokenizer,
            ..Files::tiny("model_f32")
        };
        assert_eq!(code(&files, labelled(&["x", "y"])), "bad-tokenizer", "{what}");
    }
}

#[test]
fn bad_load_options_have_their_code() {
    let files = Files::tiny("model_f32");
    for options in [
        labelled(&[]),
        labelled(&["x", "x"]),
        labelled(&["x", ""]),
        LoadOptions {
            max_length: Some(2),
            ..labelled(&["x", "y"])
        },
        LoadOptions {
            max_length: Some(65),
            ..labelled(&["x", "y"])
        },
        LoadOptions {
            pooling: Some("median".into()),
            ..labelled(&["x", "y"])
        },
    ] {
        assert_eq!(code(&files, options), "bad-option");
    }
}
