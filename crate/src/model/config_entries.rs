//! The numbers of config.json: by the encoder's names, with its defaults, within their ranges.

use std::{borrow::Cow, collections::HashSet};

use serde_json::{Map, Value};

use super::architecture::Architecture;
use crate::{Error, Result};

/// The entries of config.json, by BERT's names, with the encoder's defaults.
pub(super) struct Entries<'a> {
    pub(super) raw: &'a Map<String, Value>,
    pub(super) encoder: &'static Architecture,
}

impl Entries<'_> {
    pub(super) fn get(&self, name: &'static str) -> Option<&Value> {
        self.raw.get(self.encoder.config_name(name))
    }

    pub(super) fn default(&self, name: &str, of_bert: f64) -> f64 {
        self.encoder.config_default(name).unwrap_or(of_bert)
    }

    pub(super) fn size(&self, name: &'static str, default: usize, largest: usize) -> Result<usize> {
        let Some(value) = self.get(name) else {
            return Ok(self.default(name, default as f64) as usize);
        };
        let name = self.encoder.config_name(name);
        match value.as_u64() {
            Some(number) if number >= 1 && number <= largest as u64 => Ok(number as usize),
            _ => Err(Error::bad_config(format!(
                "{name}: expected a whole number from 1 to {largest}, found {value}"
            ))),
        }
    }

    /// A token's id.
    pub(super) fn token(&self, name: &'static str) -> Result<usize> {
        match self.get(name) {
            None => Ok(self.default(name, 0.0) as usize),
            Some(value) => match value.as_u64() {
                Some(id) if id < 1_000_000 => Ok(id as usize),
                _ => Err(Error::bad_config(format!(
                    "{name}: expected a token's id, found {value}"
                ))),
            },
        }
    }

    pub(super) fn probability(&self, name: &'static str, default: f64) -> Result<f64> {
        let default = self.default(name, default);
        number(
            self.raw,
            self.encoder.config_name(name),
            default,
            "a number from 0 up to 1",
            |p| (0.0..1.0).contains(&p),
        )
    }
}

fn number(raw: &Map<String, Value>, name: &str, default: f64, expected: &str, ok: fn(f64) -> bool) -> Result<f64> {
    match raw.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => match value.as_f64() {
            Some(found) if ok(found) => Ok(found),
            _ => Err(Error::bad_config(format!("{name}: expected {expected}, found {value}"))),
        },
    }
}

/// A number that is above 0 as f32 too, as which it is computed with.
pub(super) fn positive(raw: &Map<String, Value>, name: &str, default: f64) -> Result<f64> {
    number(raw, name, default, "a number from 1e-30 to 1", |x| {
        (1e-30..=1.0).contains(&x)
    })
}

/// `id2label` in the order of its ids, which must be 0, 1, 2 and so on; empty without it.
pub(super) fn id2label(raw: &Map<String, Value>) -> Result<Vec<String>> {
    let Some(Value::Object(map)) = raw.get("id2label") else {
        return Ok(Vec::new());
    };
    let (mut labels, mut taken) = (Vec::with_capacity(map.len()), HashSet::<Cow<str>>::new());
    for id in 0..map.len() {
        let label = match map.get(&id.to_string()) {
            Some(Value::String(label)) => label.clone(),
            // Labels may be numbers, or Python's True and False.
            Some(label @ (Value::Number(_) | Value::Bool(_))) => label.to_string(),
            found => {
                return Err(Error::bad_config(format!(
                    "id2label: expected a name for each id from 0 to {}, found {} for {id}",
                    map.len() - 1,
                    found.map_or("none".to_owned(), Value::to_string)
                )));
            }
        };
        // A name of several classes would be one label: the later ones carry a number.
        let (mut name, mut number) = (label.clone(), id);
        while name.is_empty() || taken.contains(name.as_str()) {
            name = format!("{label} ({number})");
            number += 1;
        }
        taken.insert(Cow::Owned(name.clone()));
        labels.push(name);
    }
    Ok(labels)
}
