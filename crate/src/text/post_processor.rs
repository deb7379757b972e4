//! The check of a `tokenizer.json`'s post-processor. The crate takes all of this for granted and panics without, so it is
//! checked here before the crate reads the file.

use serde_json::Value;

use crate::{Error, Result};

/// Kinds that put special tokens around a text.
const FRAMES: [&str; 3] = ["TemplateProcessing", "BertProcessing", "RobertaProcessing"];
/// Keys by which the crate takes any kind for a template.
const TEMPLATE_KEYS: [&str; 3] = ["single", "pair", "special_tokens"];
/// Most pieces of a template, and most tokens of a special one: real ones have 8 and 1.
const MOST: usize = 64;

/// Checks that each text is put exactly once between special tokens that are there, by one processor at most.
///
/// # Errors
/// `bad-tokenizer`.
pub(super) fn check(processor: &Value, vocab_size: usize) -> Result<()> {
    let all = match processor["type"] == "Sequence" {
        true => processor["processors"]
            .as_array()
            .ok_or_else(|| bad("Sequence: expected a list of processors"))?,
        false => std::slice::from_ref(processor),
    };
    let mut frames = 0;
    for one in all.iter().filter(|_| !processor.is_null()) {
        let kind = one["type"].as_str().unwrap_or_default();
        if kind != "ByteLevel" && !FRAMES.contains(&kind) {
            return Err(bad(format!(
                "expected {} or ByteLevel, or one Sequence of them, found {}",
                FRAMES.join(", "),
                one["type"]
            )));
        }
        if kind == "TemplateProcessing" {
            check_template(one, vocab_size)?;
        } else if TEMPLATE_KEYS.iter().any(|key| !one[key].is_null()) {
            return Err(bad(format!("{kind}: found the keys of a TemplateProcessing")));
        }
        frames += usize::from(FRAMES.contains(&kind));
    }
    match frames {
        0 | 1 => Ok(()),
        _ => Err(bad(format!(
            "expected one processor that adds special tokens, found {frames}"
        ))),
    }
}

fn check_template(template: &Value, vocab_size: usize) -> Result<()> {
    if template["special_tokens"]
        .as_object()
        .is_some_and(|all| all.len() > MOST)
    {
        return Err(bad(format!("special_tokens: expected at most {MOST}")));
    }
    for (name, expected) in [("single", [1, 0]), ("pair", [1, 1])] {
        let pieces = template[name].as_array().filter(|pieces| pieces.len() <= MOST);
        let pieces = pieces.ok_or_else(|| bad(format!("{name}: expected a list of at most {MOST} pieces")))?;
        let count = |id: &str| pieces.iter().filter(|piece| piece["Sequence"]["id"] == id).count();
        if [count("A"), count("B")] != expected {
            return Err(bad(format!(
                "{name}: expected the sequence A {} and B {}, found {} and {}",
                times(expected[0]),
                times(expected[1]),
                times(count("A")),
                times(count("B"))
            )));
        }
        for piece in pieces {
            let Some(id) = piece.get("SpecialToken").map(|token| &token["id"]) else {
                continue;
            };
            let token = id.as_str().map(|id| &template["special_tokens"][id]);
            if !token.is_some_and(Value::is_object) {
                return Err(bad(format!("{name}: expected one of special_tokens, found {id}")));
            }
        }
    }
    for (name, token) in template["special_tokens"].as_object().into_iter().flatten() {
        let length = |key: &str| token[key].as_array().map(Vec::len);
        let ids = token["ids"].as_array().map_or(&[][..], Vec::as_slice);
        let in_vocabulary = |id: &Value| id.as_u64().is_some_and(|id| id < vocab_size as u64);
        if !(1..=MOST).contains(&ids.len())
            || length("ids") != length("tokens")
            || token["id"].as_str() != Some(name)
            || !ids.iter().all(in_vocabulary)
        {
            return Err(bad(format!(
                "special_tokens: {name}: expected its own id, and ids below config.json's vocab_size {vocab_size} with a token each"
            )));
        }
    }
    Ok(())
}

fn times(count: usize) -> String {
    match count {
        0 => "not at all".to_owned(),
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

fn bad(found: impl std::fmt::Display) -> Error {
    Error::bad_tokenizer(format!("tokenizer.json: post_processor: {found}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template() -> Value {
        json!({
            "type": "TemplateProcessing",
            "single": [{ "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
            "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }],
            "special_tokens": { "[CLS]": { "id": "[CLS]", "ids": [1], "tokens": ["[CLS]"] } },
        })
    }

    #[test]
    fn sound_ones_pass() {
        let byte_level = json!({ "type": "ByteLevel" });
        for sound in [
            Value::Null,
            template(),
            byte_level.clone(),
            json!({ "type": "BertProcessing", "sep": ["a", 1], "cls": ["b", 2] }),
            json!({ "type": "Sequence", "processors": [byte_level, template()] }),
        ] {
            assert_eq!(check(&sound, 9), Ok(()), "{sound}");
        }
    }

    #[test]
    fn what_the_crate_would_panic_about_is_refused() {
        let changed = |change: fn(&mut Value)| {
            let mut template = template();
            change(&mut template);
            template
        };
        for unsound in [
            changed(|t| t["single"] = json!([])),
            changed(|t| t["single"][1]["Sequence"]["id"] = "B".into()),
            changed(|t| t["pair"][1]["Sequence"]["id"] = "A".into()),
            changed(|t| t["special_tokens"] = json!({})),
            changed(|t| t["special_tokens"]["[CLS]"]["ids"] = json!([1, 2])),
            changed(|t| t["special_tokens"]["[CLS]"]["ids"] = json!([9])),
            changed(|t| t["special_tokens"]["[CLS]"]["ids"] = json!([-1])),
            changed(|t| t["type"] = "ByteLevel".into()),
            changed(|t| t["type"] = "Other".into()),
            json!({ "type": "Sequence", "processors": [template(), template()] }),
            json!({ "type": "Sequence", "processors": [{ "type": "Sequence", "processors": [] }] }),
            json!({ "type": "Sequence" }),
            json!([]),
            json!("TemplateProcessing"),
        ] {
            let code = check(&unsound, 9).map_err(|error| error.code());
            assert_eq!(code, Err("bad-tokenizer"), "{unsound}");
        }
    }
}
