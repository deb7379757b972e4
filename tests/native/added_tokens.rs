//! Added tokens: the splits equal those of the `tokenizers` crate, whose own code the page leaves out.

use bertlet::text::read_tokenizer;
use serde_json::{Value, json};
use tokenizers::Tokenizer;

use crate::fixtures::Files;

/// Contents of added tokens: with words, white space, accents, capitals, and one inside another.
const CONTENTS: [&str; 6] = ["[NEW]", "day", "Mon", "café", "a b", "日"];
const PARTS: [&str; 15] = [
    "[NEW]",
    "day",
    "DAY",
    "Mon",
    "monday",
    "café",
    "cafe\u{301}",
    "a b",
    "A B",
    "日",
    "x_",
    "\u{3000}",
    " \t",
    "\u{200d}",
    "é",
];

#[test]
fn every_kind_of_added_token_is_found_as_by_tokenizers() {
    let files = Files::tiny("sequence_classification_f32");
    let mut json: Value = serde_json::from_slice(&files.tokenizer).expect("tokenizer.json");
    json["truncation"] = Value::Null;
    json["padding"] = Value::Null;
    let size = json["model"]["vocab"].as_object().expect("a vocabulary").len() as u64;
    let mut random = 1_u64;
    let mut draw = |below: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let mut differ_by_flags = 0;
    for flags in 0..16_u32 {
        let mut with = json.clone();
        let flag = |bit: u32| flags & (1 << bit) != 0;
        for (place, content) in CONTENTS.iter().enumerate() {
            let token = json!({
                "id": size + place as u64, "content": content, "special": false,
                "single_word": flag(0), "lstrip": flag(1), "rstrip": flag(2), "normalized": flag(3),
            });
            with["added_tokens"].as_array_mut().expect("added tokens").push(token);
        }
        let text = with.to_string();
        let theirs: Tokenizer = text.parse().expect("a tokenizer of the crate");
        let ours = read_tokenizer(text.as_bytes(), None, size as usize + CONTENTS.len(), 512).expect("ours");
        for _ in 0..500 {
            let text: String = (0..1 + draw(8)).map(|_| PARTS[draw(PARTS.len())]).collect();
            let expected = theirs.encode(text.as_str(), true).expect("tokens");
            assert_eq!(
                ours.encode(&text).expect("tokens").input_ids,
                expected.get_ids(),
                "{flags:04b} {text:?}"
            );
            differ_by_flags += u32::from(expected.get_ids().iter().any(|&id| id as u64 >= size));
        }
    }
    assert!(
        differ_by_flags > 4_000,
        "added tokens were in {differ_by_flags} texts only"
    );
}
