//! What transformers' classes of tokenizers make anew whatever tokenizer.json says, and what a file that is read as it is keeps.

use serde_json::{Value, json};

use crate::tokenizer_kinds::{config, file, hold_strings, length, own, read};

#[test]
fn a_class_has_its_own_model_and_special_tokens_whatever_the_file_says() {
    let others = [
        json!({ "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true }),
        json!({ "type": "BertProcessing", "cls": ["<mask>", 1], "sep": ["<pad>", 1] }),
    ];
    for name in ["roberta", "xlm_roberta", "camembert"] {
        for post_processor in &others {
            let mut json = file(name);
            json["post_processor"] = post_processor.clone();
            json["model"]["byte_fallback"] = json!(true);
            if name == "roberta" {
                for (key, other) in [
                    ("unk_token", json!("<unk>")),
                    ("dropout", json!(0.5)),
                    ("fuse_unk", json!(true)),
                ] {
                    json["model"][key] = other;
                }
            }
            let max_length = length(name, "max_length");
            let read = read(name, &json, &config(name), max_length).expect("the tokenizer");
            hold_strings(name, read.as_ref());
            let pair = own(name, max_length).encode_pair("one text", "and another");
            assert_eq!(read.encode_pair("one text", "and another"), pair, "{name}");
        }
    }
}

#[test]
fn what_stands_around_a_sentence_is_saved() {
    for name in ["xlm_roberta", "camembert"] {
        let mut config = config(name);
        config["eos_token"] = json!("<pad>");
        let tokenizer = read(name, &file(name), &config, 48).expect("the tokenizer");
        let row = tokenizer.encode("one text").expect("tokens");
        assert_eq!(row.input_ids.last(), tokenizer.special().pad.as_ref(), "{name}");
        let [json, config] = [tokenizer.to_json(), tokenizer.to_config_json()]
            .map(|text| serde_json::from_str::<Value>(&text.expect("a file")).expect("JSON"));
        let again = read(name, &json, &config, 48).expect("the saved tokenizer");
        assert_eq!(again.encode("one text").expect("tokens"), row, "{name}");
    }
}

#[test]
fn what_stands_around_a_sentence_must_be_in_the_vocabulary() {
    for (name, key) in [("xlm_roberta", "bos_token"), ("camembert", "eos_token")] {
        let mut config = config(name);
        config[key] = json!("<none>");
        let failure = read(name, &file(name), &config, 48).err().expect("a failure");
        assert_eq!(failure.code(), "bad-tokenizer");
        assert!(failure.to_string().contains(key), "{failure}");
    }
}

#[test]
fn places_begin_at_a_letter_or_where_the_file_says_at_the_space_before() {
    for (settings, text, expected) in [
        (json!({}), "the dog", [4, 7]),
        (json!({ "add_prefix_space": true }), "the dog", [0, 3]),
        (json!({ "trim_offsets": false }), "the dog", [3, 7]),
    ] {
        let mut config = config("roberta");
        for (key, value) in settings.as_object().expect("settings") {
            config[key] = value.clone();
        }
        let tokenizer = read("roberta", &file("roberta"), &config, 48).expect("the tokenizer");
        let saved = tokenizer.to_config_json().expect("a file");
        let saved = read(
            "roberta",
            &file("roberta"),
            &serde_json::from_str(&saved).expect("JSON"),
            48,
        );
        for tokenizer in [tokenizer, saved.expect("the saved tokenizer")] {
            let found = tokenizer.tokenize(text, None).expect("tokens");
            let words = found.places.iter().filter(|[_, _, start, end, _]| end > start);
            let parts: Vec<[u32; 2]> = words.map(|[_, _, start, end, _]| [*start, *end]).collect();
            let begins = parts.iter().any(|[start, _]| *start == expected[0]);
            let ends = parts.iter().any(|[_, end]| *end == expected[1]);
            assert!(begins && ends, "{settings}: {parts:?}");
        }
    }
}

#[test]
fn a_file_read_as_it_is_takes_flags_and_tokens_of_tokenizer_config() {
    let json = file("roberta");
    let added = |token: &str, lstrip: bool| json!({ "content": token, "lstrip": lstrip, "special": false });
    let count = |decoder: Value, text: &str| {
        let config = json!({ "tokenizer_class": "TokenizersBackend", "added_tokens_decoder": decoder });
        let tokenizer = read("roberta", &json, &config, 48).expect("the tokenizer");
        tokenizer.encode(text).expect("ids").input_ids.len()
    };
    // One that the file lacks is found within a word.
    let letter = json!({ json["model"]["vocab"]["o"].to_string(): added("o", false) });
    assert_eq!(count(letter, "on"), count(json!({}), "on") + 1);
    // Of one that it has, whether it takes the space before it.
    let mask = |lstrip: bool| count(json!({ "500": added("<mask>", lstrip) }), "a <mask>");
    assert_eq!(mask(false), mask(true) + 1);
}

#[test]
fn special_tokens_before_byte_level_are_no_text() {
    let mut json = file("roberta");
    let around = own("roberta", 48);
    let around = around.to_json().expect("a file");
    let around = serde_json::from_str::<Value>(&around).expect("JSON")["post_processor"].clone();
    let level = json!({ "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true });
    let config = json!({ "tokenizer_class": "PreTrainedTokenizerFast" });
    let mut tokenized = |processors: Value| {
        json["post_processor"] = json!({ "type": "Sequence", "processors": processors });
        let tokenizer = read("roberta", &json, &config, 48).expect("the tokenizer");
        ["a text", "long"].map(|text| tokenizer.tokenize(text, Some("and another")).expect("tokens"))
    };
    let usual = tokenized(json!([level.clone(), around.clone()]));
    assert_eq!(tokenized(json!([around, level])), usual);
}
