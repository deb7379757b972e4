//! Whether f32 can compute with a checkpoint's numbers: finite weights may be so large that states overflow, and every
//! answer is then NaN.
//!
//! One pass takes the largest magnitude of each tensor, as it is loaded. From these follows, layer by layer, a bound of every
//! state that any text can have: |x W + b| is at most inputs · max|x| · max|W| + max|b|, and LayerNorm gives at most
//! √width · max|γ| + max|β|. Where squares for a variance, products for a score and the cubes of GELU's tanh stay within f32 by these
//! bounds, no text can overflow. Real checkpoints stay under 1e25 of 3.4e38, so that none is refused for the bounds' looseness.

use std::collections::BTreeMap;

use crate::{Error, Result, model::BertConfig};

/// The largest number that a bound may reach: sums of rounded terms have room above it.
const LIMIT: f64 = f32::MAX as f64 / 16.0;

/// The largest magnitude of each tensor, by BERT's names.
#[derive(Debug, Default, Clone)]
pub struct Magnitudes(BTreeMap<String, f32>);

impl Magnitudes {
    /// Notes a tensor's values.
    pub(super) fn note(&mut self, name: &str, values: &[f32]) {
        let largest = values.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        self.note_largest(name, largest);
    }

    /// Notes the largest magnitude of a tensor's values.
    pub(super) fn note_largest(&mut self, name: &str, largest: f32) {
        self.0.insert(name.to_owned(), largest);
    }

    /// Those of both.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Checks that no text can overflow.
    ///
    /// # Errors
    /// `bad-weights`, with the tensor of the largest number.
    pub fn check(&self, config: &BertConfig) -> Result<()> {
        let bounds = Bounds { tensors: self, config };
        if bounds.largest() < LIMIT {
            return Ok(());
        }
        let (name, value) = (self.0.iter())
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
            .map_or_else(Default::default, |(name, value)| {
                (config.encoder.own_name(name), *value)
            });
        Err(Error::bad_weights(
            "model.safetensors",
            format!("expected numbers with which f32 can compute, found {value:e} in `{name}`: states would overflow"),
        ))
    }
}

struct Bounds<'a> {
    tensors: &'a Magnitudes,
    config: &'a BertConfig,
}

impl Bounds<'_> {
    fn of(&self, name: &str) -> f64 {
        self.tensors.0.get(name).copied().unwrap_or(0.0).into()
    }

    /// A dense layer's outputs, of inputs up to `x`.
    fn dense(&self, name: &str, inputs: usize, x: f64) -> f64 {
        inputs as f64 * self.of(&format!("{name}.weight")) * x + self.of(&format!("{name}.bias"))
    }

    /// LayerNorm's outputs.
    fn norm(&self, name: &str, width: usize) -> f64 {
        (width as f64).sqrt() * self.of(&format!("{name}.weight")) + self.of(&format!("{name}.bias"))
    }

    /// The largest number of a forward pass.
    fn largest(&self) -> f64 {
        let config = self.config;
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let width = config.embedding_size.unwrap_or(hidden);
        let variance = |width: usize, x: f64| width as f64 * x * x;
        let tables = ["word", "position", "token_type"];
        let word = self.of("bert.embeddings.word_embeddings.weight");
        let sum: f64 = (tables.iter())
            .map(|table| self.of(&format!("bert.embeddings.{table}_embeddings.weight")))
            .sum();
        let mut largest = variance(width, sum);
        let mut x = self.norm("bert.embeddings.LayerNorm", width);
        if config.embedding_size.is_some() {
            x = self.dense("bert.embeddings_project", width, x);
        }
        let bias = self.of("bert.encoder.relative_attention_bias.weight");
        let head_dim = (hidden / config.num_attention_heads) as f64;
        let cube = |x: f64| x * x * x;
        for layer in 0..config.num_hidden_layers {
            let stem = format!("bert.encoder.layer.{layer}");
            let own = |name: &str, inputs: usize, x: f64| self.dense(&format!("{stem}.{name}"), inputs, x);
            let adapted = |name: &str, x: f64| match config.adapter_size {
                None => [x, 0.0],
                Some(size) => {
                    let down = own(&format!("{name}.adapter.down"), hidden, x);
                    [x + own(&format!("{name}.adapter.up"), size, down), cube(down)]
                }
            };
            let [query, key, value] =
                ["query", "key", "value"].map(|name| own(&format!("attention.self.{name}"), hidden, x));
            let [attended, inner] = adapted("attention.output", own("attention.output.dense", hidden, value));
            let numbers = [head_dim * query * key + bias, variance(hidden, attended + x), inner];
            x = self.norm(&format!("{stem}.attention.output.LayerNorm"), hidden);
            let states = own("intermediate.dense", hidden, x);
            let [narrow, inner_output] = adapted("output", own("output.dense", wide, states + 1.0));
            let others = [cube(states), variance(hidden, narrow + x), inner_output];
            x = self.norm(&format!("{stem}.output.LayerNorm"), hidden);
            largest = numbers.into_iter().chain(others).fold(largest, f64::max);
        }
        let pooled = self.dense("bert.pooler.dense", hidden, x);
        let logits = self.dense("classifier", hidden, x.max(pooled + 1.0));
        let transformed = self.dense("cls.predictions.transform.dense", hidden, x);
        let normed = self.norm("cls.predictions.transform.LayerNorm", width);
        let tokens = width as f64 * word * normed + self.of("cls.predictions.bias");
        let heads = [
            x,
            cube(pooled),
            logits,
            cube(transformed),
            variance(width, transformed),
            tokens,
        ];
        heads.into_iter().fold(largest, f64::max)
    }
}
