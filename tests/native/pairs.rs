//! Text pairs against transformers: ids, segments, truncation, logits.

use bertlet::{
    model::BertConfig,
    text::{collate, read_tokenizer},
};
use pollster::block_on;
use serde_json::Value;

use crate::fixtures::{Files, Reference, defaults, devices, json, max_difference, real_checkpoint, strings};

fn pairs() -> Vec<[String; 2]> {
    let about = json("model_selection/pairs.json");
    let pairs = about["pairs"].as_array().expect("pairs").iter();
    pairs.map(|pair| strings(pair).try_into().expect("two texts")).collect()
}

fn hold(name: &str, files: &Files) {
    let about = json("model_selection/pairs.json");
    let max_length = about["max_lengths"][name].as_u64().expect("a length") as usize;
    let config = BertConfig::parse(&files.config).expect("the configuration");
    let given = files.tokenizer_config.as_deref();
    let tokenizer = read_tokenizer(&files.tokenizer, given, config.vocab_size, max_length).expect("a tokenizer");
    let reference = Reference::open(&format!("model_selection/pairs_{name}.safetensors"));
    let read = |name| reference.integers(name);
    let (ids, types, lengths) = (read("input_ids"), read("token_type_ids"), read("lengths"));
    let pairs = pairs();
    assert_eq!((pairs.len(), lengths.len()), (60, 60));
    let mut start = 0;
    for ([text, pair], length) in pairs.iter().zip(lengths) {
        let row = tokenizer.encode_pair(text, pair).expect("any pair has tokens");
        let end = start + length as usize;
        assert_eq!(row.input_ids, &ids[start..end], "{name}: {text:?} {pair:?}");
        assert_eq!(row.token_type_ids, &types[start..end], "{name}: {text:?} {pair:?}");
        start = end;
    }
}

#[test]
fn ids_and_segments_equal_transformers() {
    for name in ["sequence_classification_f32", "cased_vocab_f16"] {
        hold(name, &Files::tiny(name));
    }
    match real_checkpoint("all-MiniLM-L6-v2") {
        Some(folder) => hold("all-MiniLM-L6-v2", &Files::read(&folder)),
        None => println!("all-MiniLM-L6-v2 is not on this machine: its pairs were not compared"),
    }
}

#[test]
fn long_pairs_are_cut_as_if_read_whole() {
    let files = Files::tiny("sequence_classification_f32");
    let read = |max_length| read_tokenizer(&files.tokenizer, None, 223, max_length).expect("a tokenizer");
    let texts = ["the cat sat. ", "日本語", "x", "[MASK] "];
    // Texts far beyond what is tokenized at first, on either side: which of the two is longer then matters.
    for (first, second) in [
        (4_000, 1),
        (1, 4_000),
        (4_000, 4_001),
        (4_001, 4_000),
        (4_000, 400),
        (400, 4_000),
    ] {
        for text in texts {
            let [first, second] = [first, second].map(|times| text.repeat(times));
            for max_length in [15, 16] {
                let all = read(100_000_000);
                let whole = [&first, &second].map(|text| all.encode(text).expect("tokens").input_ids);
                let tokens = whole.each_ref().map(|ids| ids.len() - 2);
                let row = read(max_length).encode_pair(&first, &second).expect("tokens");
                let kept = kept(tokens, max_length - 3);
                let mut expected = vec![whole[0][0]];
                for (ids, kept) in whole.iter().zip(kept) {
                    expected.extend_from_slice(&ids[1..=kept]);
                    expected.push(ids[ids.len() - 1]);
                }
                assert_eq!(row.input_ids, expected, "{text:?} {tokens:?} at {max_length}");
                assert_eq!(row.truncated, tokens[0] + tokens[1] > max_length - 3);
            }
        }
    }
}

/// `longest_first`: the shorter text keeps up to half of the room, the longer one the rest. Of equals, the second
/// counts as the longer.
fn kept([first, second]: [usize; 2], room: usize) -> [usize; 2] {
    if first + second <= room {
        return [first, second];
    }
    match first > second {
        true => [room - second.min(room / 2), second.min(room / 2)],
        false => [first.min(room / 2), room - first.min(room / 2)],
    }
}

#[test]
fn logits_of_pairs_equal_transformers() {
    let about = json("model_selection/pairs.json");
    let reference = Reference::open("model_selection/pairs_batch.safetensors");
    let pairs = pairs();
    let index = |value: &Value| value.as_u64().expect("an index") as usize;
    let chosen: Vec<[String; 2]> = (about["batch"].as_array().expect("indices").iter())
        .map(|value| pairs[index(value)].clone())
        .collect();
    let texts: Vec<String> = chosen.iter().map(|[text, _]| text.clone()).collect();
    let others: Vec<Option<String>> = chosen.iter().map(|[_, pair]| Some(pair.clone())).collect();
    for (device, tolerance) in devices() {
        let max_length = about["max_lengths"]["sequence_classification_f32"].as_u64();
        let options = bertlet::engine::LoadOptions {
            max_length: max_length.map(|length| length as usize),
            ..defaults()
        };
        let engine = Files::tiny("sequence_classification_f32")
            .load(&device, options)
            .expect("the model");
        let rows = engine.encode_pairs(&texts, &others).expect("tokens");
        let rows: Vec<_> = rows.iter().collect();
        let batch = collate(rows.iter().copied(), engine.tokenizer().pad_id());
        let types: Vec<u32> = batch.token_type_ids.iter().map(|&kind| kind as u32).collect();
        assert_eq!(types, reference.integers("token_type_ids"));
        let logits = block_on(engine.logits(&rows)).expect("logits");
        let difference = max_difference(&logits, &reference.floats("logits").1);
        assert!(difference <= tolerance.forward, "{difference}");
    }
}

#[test]
fn a_pair_needs_a_checkpoint_with_two_segments() {
    for (device, _) in devices() {
        let mut files = Files::tiny("sequence_classification_f32");
        files.config = String::from_utf8(files.config)
            .expect("text")
            .replace("\"type_vocab_size\": 2", "\"type_vocab_size\": 1")
            .into();
        files.weights = one_segment(&files.weights);
        let engine = files.load(&device, defaults()).expect("the model");
        assert!(engine.encode_pairs(&["a".into()], &[]).is_ok());
        let refused = engine
            .encode_pairs(&["a".into()], &[Some("b".into())])
            .expect_err("one segment");
        assert_eq!(refused.code(), "bad-row");
    }
}

/// The weights with only the first segment embedding.
fn one_segment(weights: &[u8]) -> Vec<u8> {
    use safetensors::{SafeTensors, tensor::TensorView};
    const NAME: &str = "bert.embeddings.token_type_embeddings.weight";
    let file = SafeTensors::deserialize(weights).expect("the weights");
    let views = file.tensors().into_iter().map(|(name, view)| {
        let view = match name.as_str() {
            NAME => {
                let [_, hidden] = view.shape() else { panic!("a table") };
                let half = &view.data()[..view.data().len() / 2];
                TensorView::new(view.dtype(), vec![1, *hidden], half).expect("a view")
            }
            _ => view,
        };
        (name, view)
    });
    safetensors::serialize(views, None).expect("bytes")
}
