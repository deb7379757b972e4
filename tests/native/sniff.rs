//! Content sniffing of weights files: the cases that the page's tests read too, and sound files that begin like others.

use bertlet::{
    checkpoint::{FileContent, Tensors, sniff},
    model::Architecture,
};
use serde_json::Value;

use crate::fixtures::{Files, defaults, devices, json};

/// Header lengths whose bytes begin like a pickle or a web page.
const LENGTHS: [usize; 5] = [640, 896, 1152, 1408, 15_392];

#[test]
fn content_is_told_by_the_first_bytes() {
    let about = json("../sniff.json");
    let cases = about["cases"].as_array().expect("cases");
    assert!(cases.len() >= 20);
    for case in cases {
        let hex = case["hex"].as_str().expect("bytes");
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hexadecimal"))
            .collect();
        let found = match sniff(&bytes) {
            FileContent::Safetensors => "safetensors",
            FileContent::Empty => "empty",
            FileContent::Pickle => "pickle",
            FileContent::GitLfsPointer => "git-lfs",
            FileContent::WebPage => "web-page",
        };
        assert_eq!(found, case["verdict"], "{}", case["what"]);
    }
}

/// A safetensors file whose JSON header is padded with spaces to this length.
fn padded(header: &str, length: usize, data: &[u8]) -> Vec<u8> {
    assert!(header.len() <= length, "a header of {} bytes", header.len());
    let header = header.to_owned() + &" ".repeat(length - header.len());
    [&(length as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

#[test]
fn headers_of_any_length_are_read() {
    let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let data = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
    for length in LENGTHS
        .into_iter()
        .chain(LENGTHS.map(|length| length + 65_536))
        .chain([60])
    {
        let file = padded(header, length, &data);
        let tensors = Tensors::open("model.safetensors", &file, Architecture::BERT)
            .unwrap_or_else(|error| panic!("{length}: {error}"));
        assert_eq!(tensors.values("a", &[2]).expect("the tensor"), [1.5, -2.0], "{length}");
    }
}

#[test]
fn a_checkpoint_with_such_a_header_loads() {
    let files = Files::tiny("sequence_classification_f32");
    let length = u64::from_le_bytes(files.weights[..8].try_into().expect("eight bytes")) as usize;
    let header = std::str::from_utf8(&files.weights[8..8 + length])
        .expect("JSON")
        .to_owned();
    let labels: Value = serde_json::from_slice(&files.config).expect("JSON");
    let labels = labels["id2label"].as_object().expect("labels").len();
    for (device, _) in devices() {
        for padded_length in LENGTHS.map(|length| length + 65_536) {
            let weights = padded(&header, padded_length, &files.weights[8 + length..]);
            let files = Files {
                weights,
                ..Files::tiny("sequence_classification_f32")
            };
            let engine = files.load(&device, defaults()).expect("the model");
            assert_eq!(engine.info().labels.len(), labels);
        }
    }
}
