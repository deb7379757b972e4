//! Which dense layers a file of peft's low-rank adapters is of, and the factor of each: what adapter_config.json says in
//! lists, patterns and regular expressions, settled for one model.

use regex_lite::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use crate::{Error, Result};

const MOST_RANK: f64 = 1024.0;
/// What an alpha becomes that is saved of a layer of the largest rank beside others of rank 1.
const MOST_ALPHA: f64 = 1e6 * MOST_RANK;
/// Keys of a pattern: more than the largest model has dense layers.
const MOST_KEYS: usize = 1024;
/// Bytes of a key: names have up to 60.
const LONGEST_KEY: usize = 256;
/// Bytes of an expression as it is compiled.
const LARGEST_EXPRESSION: usize = 1 << 17;
const EXPRESSION: &str = "a regular expression without look-around and back-references";

/// The layers that are targeted, as peft's `check_target_module_exists` decides.
#[derive(Debug, Clone)]
pub struct Targets {
    target: Modules,
    excluded: Option<Modules>,
    /// Only these layers of the encoder, where the file lists some.
    layers: Option<Vec<u64>>,
    ranks: Vec<(Key, f64)>,
    alphas: Vec<(Key, f64)>,
    rank: f64,
    alpha: f64,
    use_rslora: bool,
}

/// Modules by the ends of their names, or by a regular expression of the whole name.
#[derive(Debug, Clone)]
enum Modules {
    Ends(Vec<String>),
    Whole(Regex),
    /// `all-linear`
    AllLinear,
}

/// The end of a module's name in a pattern.
#[derive(Debug, Clone)]
enum Key {
    /// A name, in which a point stands for any character, as in an expression.
    Name(String),
    Expression(Regex),
}

impl Targets {
    /// Reads the settings; `rank` and `alpha` are the file's for a layer that no pattern names.
    ///
    /// # Errors
    /// `bad-config`.
    pub fn parse(raw: &Map<String, Value>, rank: usize, alpha: f64) -> Result<Self> {
        if let Some(pattern) = raw.get("layers_pattern").filter(|pattern| !is_empty(pattern))
            && pattern != "layer"
            && !pattern
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == "layer"))
        {
            return Err(bad("layers_pattern", "layer, BERT's own", pattern));
        }
        let target = modules(raw, "target_modules")?.ok_or_else(|| {
            let found = raw.get("target_modules").unwrap_or(&Value::Null);
            bad("target_modules", "names or a regular expression", found)
        })?;
        Ok(Self {
            target,
            excluded: modules(raw, "exclude_modules")?,
            layers: layers(raw)?,
            ranks: pattern(raw, "rank_pattern", MOST_RANK)?,
            alphas: pattern(raw, "alpha_pattern", MOST_ALPHA)?,
            rank: rank as f64,
            alpha,
            use_rslora: raw.get("use_rslora") == Some(&Value::Bool(true)),
        })
    }

    /// Whether the dense layer of this Hugging Face name has a low-rank pair.
    pub fn has(&self, name: &str) -> bool {
        if self.excluded.as_ref().is_some_and(|excluded| excluded.has(name)) || !self.target.has(name) {
            return false;
        }
        match (&self.layers, &self.target) {
            (Some(layers), Modules::Ends(_)) => layer_of(name).is_some_and(|layer| layers.contains(&layer)),
            _ => true,
        }
    }

    /// The rank of a layer's pair.
    pub fn rank(&self, name: &str) -> usize {
        of_pattern(&self.ranks, name).unwrap_or(self.rank) as usize
    }

    /// What the layer's product is multiplied with, over the factor of a plain layer, alpha / rank.
    pub fn factor(&self, name: &str) -> f64 {
        let rank = self.rank(name) as f64;
        let alpha = of_pattern(&self.alphas, name).unwrap_or(self.alpha);
        let scale = alpha / if self.use_rslora { rank.sqrt() } else { rank };
        scale / (self.alpha / self.rank)
    }

    /// Whether the list of names says all: no pattern, expression or exception.
    pub fn is_plain(&self) -> bool {
        matches!(self.target, Modules::Ends(_))
            && self.excluded.is_none()
            && self.layers.is_none()
            && self.ranks.is_empty()
            && self.alphas.is_empty()
    }
}

impl Modules {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::Ends(ends) => ends.iter().any(|end| ends_with(name, end)),
            Self::Whole(expression) => expression.is_match(name),
            Self::AllLinear => true,
        }
    }
}

/// Whether the last parts of a name are `end`.
pub(super) fn ends_with(name: &str, end: &str) -> bool {
    name.strip_suffix(end)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The number of a layer in the name of a module within it.
fn layer_of(name: &str) -> Option<u64> {
    name.split(".layer.").nth(1)?.split('.').next()?.parse().ok()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty)
}

fn bad(name: &str, expected: &str, found: &Value) -> Error {
    Error::bad_adapter_config(format!("{name}: expected {expected}, found {found}"))
}

fn modules(raw: &Map<String, Value>, name: &str) -> Result<Option<Modules>> {
    match raw.get(name) {
        None => Ok(None),
        Some(value) if is_empty(value) => Ok(None),
        Some(Value::String(all)) if all == "all-linear" => Ok(Some(Modules::AllLinear)),
        Some(value @ Value::String(text)) => {
            // Python's fullmatch.
            let whole = expression(&format!("^(?:{text})$"));
            let whole = whole.map_err(|error| bad(name, &format!("names, or {EXPRESSION} ({error})"), value))?;
            Ok(Some(Modules::Whole(whole)))
        }
        Some(value) => {
            let names = value.as_array().and_then(|names| {
                let names = names.iter().map(|name| name.as_str().map(str::to_owned));
                names.collect::<Option<Vec<String>>>()
            });
            let names = names.ok_or_else(|| bad(name, "names or a regular expression", value))?;
            Ok(Some(Modules::Ends(names)))
        }
    }
}

fn layers(raw: &Map<String, Value>) -> Result<Option<Vec<u64>>> {
    match raw.get("layers_to_transform") {
        None => Ok(None),
        Some(value) if is_empty(value) => Ok(None),
        Some(value) => {
            let numbers = match value {
                Value::Array(numbers) => numbers.iter().map(Value::as_u64).collect(),
                number => number.as_u64().map(|number| vec![number]),
            };
            numbers
                .map(Some)
                .ok_or_else(|| bad("layers_to_transform", "numbers of layers", value))
        }
    }
}

/// The numbers of a pattern's expressions, each of which is the end of a module's name.
fn pattern(raw: &Map<String, Value>, name: &str, most: f64) -> Result<Vec<(Key, f64)>> {
    let Some(map) = raw.get(name).and_then(Value::as_object) else {
        return Ok(Vec::new());
    };
    if map.len() > MOST_KEYS || map.keys().any(|key| key.len() > LONGEST_KEY) {
        return Err(Error::bad_adapter_config(format!(
            "{name}: expected at most {MOST_KEYS} keys of at most {LONGEST_KEY} bytes, found {} keys",
            map.len()
        )));
    }
    map.iter()
        .map(|(key, number)| {
            let found = || Value::Object(map.clone());
            let is_name = |char: char| char.is_ascii_alphanumeric() || "_.".contains(char);
            let key = match key.chars().all(is_name) {
                true => Key::Name(key.clone()),
                false => Key::Expression(
                    expression(&format!("^(?:.*\\.)?(?:{key})$"))
                        .map_err(|error| bad(name, &format!("keys of {EXPRESSION} ({error})"), &found()))?,
                ),
            };
            match number.as_f64() {
                Some(number) if number > 0.0 && number <= most => Ok((key, number)),
                _ => Err(bad(
                    name,
                    &format!("numbers above 0 and at most {most} by the ends of names"),
                    &found(),
                )),
            }
        })
        .collect()
}

fn of_pattern(pattern: &[(Key, f64)], name: &str) -> Option<f64> {
    let found = pattern.iter().find(|(key, _)| key.ends(name));
    found.map(|(_, number)| *number)
}

impl Key {
    fn ends(&self, name: &str) -> bool {
        match self {
            Self::Name(end) => {
                let Some(before) = name.len().checked_sub(end.len()) else {
                    return false;
                };
                let (rest, own) = name.as_bytes().split_at(before);
                let mut both = own.iter().zip(end.as_bytes());
                both.all(|(own, end)| own == end || *end == b'.') && rest.last().is_none_or(|last| *last == b'.')
            }
            Self::Expression(expression) => expression.is_match(name),
        }
    }
}

/// A regular expression of a file, which may be hostile.
fn expression(text: &str) -> std::result::Result<Regex, regex_lite::Error> {
    RegexBuilder::new(text).size_limit(LARGEST_EXPRESSION).build()
}
