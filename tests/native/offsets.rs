//! Tokens and their places in the text against transformers, for WordPiece, byte-level BPE and Unigram.

use bertlet::text::read_tokenizer;
use serde_json::Value;

use crate::fixtures::{bytes, data, json, strings};

fn integers(value: &Value) -> Vec<u64> {
    let values = value.as_array().expect("a list").iter();
    values.map(|value| value.as_u64().expect("an integer")).collect()
}

#[test]
fn tokens_and_their_places_equal_transformers() {
    let reference = json("tokens/offsets.json");
    let max_length = reference["max_length"].as_u64().expect("a length") as usize;
    let folders = reference["tokenizers"].as_object().expect("tokenizers");
    assert_eq!(folders.len(), 5);
    for (folder, cases) in folders {
        let file = |name: &str| bytes(&data(&format!("{folder}/{name}")));
        let json_file = data(&format!("{folder}/tokenizer.json")).is_file();
        let tokenizer = file(if json_file { "tokenizer.json" } else { "vocab.txt" });
        let config = String::from_utf8(file("tokenizer_config.json")).expect("text");
        let tokenizer = read_tokenizer(&tokenizer, Some(&config), 65_536, max_length).expect("the tokenizer");
        for case in cases.as_array().expect("cases") {
            let text = case["text"].as_str().expect("a text");
            let found = tokenizer
                .tokenize(text, case["pair"].as_str())
                .expect("any text has tokens");
            let column = |at: usize| -> Vec<u64> { found.places.iter().map(|place| place[at].into()).collect() };
            assert_eq!(found.tokens, strings(&case["tokens"]), "{folder}: {text:?}");
            assert_eq!(column(0), integers(&case["input_ids"]), "{folder}: {text:?}");
            let offsets = case["offsets"].as_array().expect("offsets").iter();
            let (starts, ends): (Vec<u64>, Vec<u64>) = offsets
                .map(|both| (both[0].as_u64(), both[1].as_u64()))
                .map(|(start, end)| (start.expect("a start"), end.expect("an end")))
                .unzip();
            assert_eq!((column(2), column(3)), (starts, ends), "{folder}: {text:?}");
            assert_eq!(column(4), integers(&case["special_tokens_mask"]), "{folder}: {text:?}");
            assert_eq!(
                found.truncated,
                case["truncated"].as_bool().expect("a flag"),
                "{folder}: {text:?}"
            );
            let row = match case["pair"].as_str() {
                Some(pair) => tokenizer.encode_pair(text, pair),
                None => tokenizer.encode(text),
            };
            let row = row.expect("tokens");
            let segments: Vec<u64> = row.token_type_ids.iter().map(|&id| id.into()).collect();
            assert_eq!(column(1), segments, "{folder}: {text:?}");
        }
    }
}
