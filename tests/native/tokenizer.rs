//! Token ids against transformers on the strings of the references.

use bertlet::{
    model::BertConfig,
    text::{Row, collate, read_tokenizer},
};

use serde_json::{Value, json};

use crate::fixtures::{Files, Reference, bytes, data, json, real_checkpoint, strings};

fn hold(name: &str, files: &Files) {
    let texts = strings(&json("tokens/strings.json"));
    assert!(texts.len() >= 2_000);
    let max_length = json("tokens/max_lengths.json")[name].as_u64().expect("a length") as usize;
    let config = BertConfig::parse(&files.config).expect("the configuration");
    let tokenizer = read_tokenizer(
        &files.tokenizer,
        files.tokenizer_config.as_deref(),
        config.vocab_size,
        max_length,
    )
    .expect("the tokenizer");
    let reference = Reference::open(&format!("tokens/{name}.safetensors"));
    let (ids, lengths) = (reference.integers("input_ids"), reference.integers("lengths"));
    assert_eq!(lengths.len(), texts.len());
    let mut start = 0;
    for (text, length) in texts.iter().zip(lengths) {
        let expected = &ids[start..start + length as usize];
        let row = tokenizer.encode(text).expect("any text has tokens");
        assert_eq!(row.input_ids, expected, "{name}: {text:?}");
        assert!(
            row.token_type_ids.iter().all(|&segment| segment == 0) && row.token_type_ids.len() == row.input_ids.len()
        );
        start += length as usize;
    }
}

#[test]
fn tiny_tokenizer_json_equals_transformers() {
    hold(
        "sequence_classification_f32",
        &Files::tiny("sequence_classification_f32"),
    );
}

#[test]
fn cased_vocab_txt_equals_transformers() {
    hold("cased_vocab_f16", &Files::tiny("cased_vocab_f16"));
}

#[test]
fn vocab_txt_equals_tokenizer_json() {
    let mut files = Files::tiny("sequence_classification_f32");
    files.tokenizer = bytes(&data("checkpoints/sequence_classification_f32/vocab.txt"));
    hold("sequence_classification_f32", &files);
}

#[test]
fn real_tokenizers_equal_transformers() {
    for name in ["all-MiniLM-L6-v2", "minilm-l3-v14k-fp16"] {
        match real_checkpoint(name) {
            Some(folder) => hold(name, &Files::read(&folder)),
            None => println!("{name} is not on this machine: its strings were not compared"),
        }
    }
}

#[test]
fn tokenizer_config_goes_before_tokenizer_json() {
    let about = json("tokens/otherwise.json");
    let files = Files::tiny(about["checkpoint"].as_str().expect("a name"));
    let own: Value = serde_json::from_str(files.tokenizer_config.as_deref().expect("a file")).expect("JSON");
    for case in about["cases"].as_array().expect("cases") {
        let mut config = own.clone();
        for (name, value) in case["tokenizer_config"].as_object().expect("changes") {
            config[name] = value.clone();
        }
        let tokenizer = read_tokenizer(&files.tokenizer, Some(&config.to_string()), 223, 48).expect("a tokenizer");
        let texts = strings(&about["texts"]);
        let found: Vec<_> = texts
            .iter()
            .map(|text| tokenizer.encode(text).expect("ids").input_ids)
            .collect();
        assert_eq!(json!(found), case["input_ids"], "{}", case["tokenizer_config"]);
        // The saved tokenizer gives the same ids.
        let config = tokenizer.to_config_json().expect("a file");
        let saved = read_tokenizer(tokenizer.to_json().expect("a file").as_bytes(), Some(&config), 223, 48)
            .expect("a tokenizer");
        let again: Vec<_> = texts
            .iter()
            .map(|text| saved.encode(text).expect("ids").input_ids)
            .collect();
        assert_eq!(found, again);
    }
}

#[test]
fn a_long_text_is_cut_as_if_read_whole() {
    let files = Files::tiny("sequence_classification_f32");
    let read = |max_length| read_tokenizer(&files.tokenizer, None, 223, max_length).expect("the tokenizer");
    let texts = ["the cat sat. ", "\u{0}\u{200b} \u{301}", "x", "日本語", "[MASK] "];
    for text in texts.map(|text| text.repeat(30_000)) {
        let whole = read(100_000_000).encode(&text).expect("tokens").input_ids;
        let short = read(16).encode(&text).expect("tokens");
        let end = whole.len() - 1;
        let kept = end.min(15);
        assert_eq!(short.input_ids[..kept], whole[..kept]);
        assert_eq!(short.truncated, whole.len() > 16, "{:?}", &text[..4]);
    }
}

#[test]
fn batches_are_padded_to_their_longest_row() {
    let row = |ids: &[u32]| Row {
        input_ids: ids.to_vec(),
        token_type_ids: vec![0; ids.len()],
        truncated: false,
    };
    let batch = collate([&row(&[2, 7, 3]), &row(&[2, 3])], 9);
    assert_eq!((batch.batch, batch.seq_len), (2, 3));
    assert_eq!(batch.input_ids, [2, 7, 3, 2, 3, 9]);
    assert_eq!(batch.attention_mask, [1, 1, 1, 1, 1, 0]);
    assert_eq!(batch.tokens(), 5);
}
