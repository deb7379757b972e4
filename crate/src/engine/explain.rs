//! Why a text gets a label: integrated gradients (Sundararajan, Taly and Yan 2017) on the way from a blank text to the text.
//!
//! The way is a straight line in the embeddings' output, what the first layer reads. The blank text has the padding token in
//! place of each token but the special ones, at the same positions and in the same segments, and all of it is attended to.

use std::ops::Range;

use burn::{module::Module, tensor::Tensor};

use super::{infer::finite, state::Engine};
use crate::{
    Error, Result,
    device::{self, floats},
    kernels::{Dropout, given_gradient},
    metrics::log_odds,
    model::{Input, ProblemType},
    text::{Batch, Row, collate},
    train::trainable,
};

/// A text beside its blank: what the first layer reads of each, and the row's masks.
struct Way {
    row: Row,
    /// `[positions, hidden]`
    text: Vec<f32>,
    /// `[positions, hidden]`
    blank: Vec<f32>,
    hidden: usize,
    /// Virtual tokens before the text's own, the same at both ends.
    prompt: usize,
}

impl Engine {
    /// The evidence for a label at both ends of the way: that of the text, and that of the blank text. It is the label's
    /// log-odds, as [`log_odds`] has them.
    ///
    /// # Errors
    /// `bad-tokenizer`, `device-lost`; `bad-state` where the model has no head; `bad-weights` where a logit is no finite number.
    pub async fn evidence(&self, text: &str, pair: Option<&str>, label: usize) -> Result<[f64; 2]> {
        let way = self.way(text, pair).await?;
        let states = [&way.text[..], &way.blank[..]].concat();
        let input = self.input(&[&way.row, &way.row]);
        let model = self.current_model();
        let embedded = floats(states, [2 * way.positions(), way.hidden], &self.device.handle);
        let last = model.bert.states_after(embedded, &input, &Dropout::off());
        let pooled = model.bert.pooled(last, &input, &Dropout::off());
        let logits = model.classify(pooled, &Dropout::off()).ok_or_else(Error::no_head)?;
        let logits = finite("logits", device::read(logits).await?)?;
        let ends = logits.chunks_exact(logits.len() / 2);
        let mut ends = ends.map(|logits| log_odds(logits, label, self.is_single_label()).0);
        Ok([ends.next().unwrap_or_default(), ends.next().unwrap_or_default()])
    }

    /// What some of the way's `steps` give to each token's attribution. The sums over all steps are the attributions: the
    /// integral of the evidence's gradient, by Gauss and Legendre's rule, times the difference between the ends.
    ///
    /// # Shapes
    /// - output: a number for each token, the special ones included
    ///
    /// # Errors
    /// As [`Engine::evidence`].
    pub async fn integrated_gradients(
        &self,
        text: &str,
        pair: Option<&str>,
        label: usize,
        steps: usize,
        range: Range<usize>,
    ) -> Result<Vec<f64>> {
        let way = self.way(text, pair).await?;
        let nodes = gauss_legendre(steps);
        let chosen = &nodes[range.start.min(steps)..range.end.min(steps)];
        let device = self.device.handle.clone().autodiff();
        let rows: Vec<&Row> = chosen.iter().map(|_| &way.row).collect();
        let input = Input::new(&collate(rows.iter().copied(), self.pad_id()), &device);
        let points = chosen.iter().flat_map(|&(place, _)| way.at(place)).collect();
        let shape = [chosen.len() * way.positions(), way.hidden];
        let points: Tensor<2> = floats(points, shape, &device).require_grad();

        let model = trainable(self.current_model().clone(), &mut std::iter::repeat(false)).train();
        let last = model.bert.states_after(points.clone(), &input, &Dropout::off());
        let pooled = model.bert.pooled(last, &input, &Dropout::off());
        let logits = model.classify(pooled, &Dropout::off()).ok_or_else(Error::no_head)?;
        let shape = logits.dims();
        let values = finite("logits", device::read(logits.clone().inner()).await?)?;
        let slopes = values.chunks_exact(shape[1]);
        let slopes = slopes.flat_map(|logits| log_odds(logits, label, self.is_single_label()).1);
        // Its value is of no account: only gradients are read.
        let value = floats(vec![0.0], [1], &device);
        let slopes = floats(slopes.collect(), shape, &device);
        let gradients = given_gradient(logits, value, slopes).backward();
        let gradients = match points.grad(&gradients) {
            Some(gradients) => finite("gradients", device::read(gradients).await?)?,
            None => vec![0.0; way.text.len() * chosen.len()],
        };
        Ok(way.attributions(&gradients, chosen))
    }

    fn is_single_label(&self) -> bool {
        self.problem_type() == ProblemType::SingleLabel
    }

    async fn way(&self, text: &str, pair: Option<&str>) -> Result<Way> {
        let tokens = self.tokenizer.tokenize(text, pair)?;
        let pad = self.tokenizer.pad_id();
        let row = Row {
            input_ids: tokens.places.iter().map(|place| place[0]).collect(),
            token_type_ids: tokens.places.iter().map(|place| place[1]).collect(),
            truncated: tokens.truncated,
        };
        let batch = collate([&row], self.pad_id());
        let mut blank = batch.clone();
        for (id, [.., special]) in blank.input_ids.iter_mut().zip(&tokens.places) {
            if *special == 0 {
                *id = pad as i32;
            }
        }
        let embedded = |batch: &Batch| {
            let input = Input::new(batch, &self.device.handle);
            device::read(self.current_model().bert.embedded(&input, &Dropout::off()))
        };
        let prompt = self.current_model().bert.prompt_tokens();
        let (text, blank) = (embedded(&batch).await?, embedded(&blank).await?);
        let hidden = text.len() / (prompt + row.input_ids.len());
        Ok(Way {
            row,
            text,
            blank,
            hidden,
            prompt,
        })
    }
}

impl Way {
    fn positions(&self) -> usize {
        self.text.len() / self.hidden
    }

    /// The point at `place`, from 0 (the blank text) to 1 (the text).
    fn at(&self, place: f64) -> impl Iterator<Item = f32> {
        let ends = self.blank.iter().zip(&self.text);
        ends.map(move |(&blank, &text)| (f64::from(blank) + place * f64::from(text - blank)) as f32)
    }

    /// What the gradients at some points, each with its weight, give to the attribution of each token.
    fn attributions(&self, gradients: &[f32], points: &[(f64, f64)]) -> Vec<f64> {
        let mut sums = vec![0.0; self.positions()];
        for (gradients, &(_, weight)) in gradients.chunks_exact(self.text.len()).zip(points) {
            let of_positions = gradients.chunks_exact(self.hidden).enumerate();
            for (position, gradient) in of_positions {
                let place = position * self.hidden..(position + 1) * self.hidden;
                let ends = self.text[place.clone()].iter().zip(&self.blank[place]);
                let products = ends.zip(gradient);
                let product = products.map(|((text, blank), slope)| f64::from(text - blank) * f64::from(*slope));
                sums[position] += weight * product.sum::<f64>();
            }
        }
        sums.split_off(self.prompt)
    }
}

/// Places and weights of Gauss and Legendre's rule on the line from 0 to 1, which is exact for polynomials of a degree below
/// `2 * count`.
fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    let size = count as f64;
    let node = |index: usize| {
        // Newton's method on the Legendre polynomial, from a place near its root.
        let mut x = (std::f64::consts::PI * (index as f64 + 0.75) / (size + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..8 {
            let (mut before, mut value) = (0.0, 1.0);
            for degree in 0..count {
                let degree = degree as f64;
                (before, value) = (
                    value,
                    ((2.0 * degree + 1.0) * x * value - degree * before) / (degree + 1.0),
                );
            }
            slope = size * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        ((1.0 - x) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..count).map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_exact_for_polynomials() {
        for count in [1, 2, 5, 50, 300] {
            let nodes = gauss_legendre(count);
            for degree in 0..(2 * count).min(12) as i32 {
                let sum: f64 = nodes.iter().map(|(place, weight)| weight * place.powi(degree)).sum();
                assert!(
                    (sum - 1.0 / f64::from(degree + 1)).abs() < 1e-12,
                    "{count} {degree}: {sum}"
                );
            }
        }
    }
}
