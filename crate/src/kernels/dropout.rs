//! Dropout probabilities and masks: dropout happens in training only, and is the same on every device.
//!
//! Which elements are dropped is a function of the seed, the place in the model and the element's index alone: no
//! generator is shared with anything else, and a run can be repeated bit for bit.

use std::cell::Cell;

/// Dropout probabilities, each from 0 up to 1, and the seed of one forward pass.
#[derive(Debug, Clone)]
pub struct Dropout {
    /// After the embeddings and after each block.
    pub hidden: f64,
    /// Of attention weights.
    pub attention: f64,
    /// Before the head.
    pub classifier: f64,
    /// Of LoRA's input.
    pub low_rank: f64,
    seed: u32,
    /// Masks drawn so far in this forward pass: the place in the model.
    drawn: Cell<u32>,
}

impl Dropout {
    /// No dropout (inference).
    pub fn off() -> Self {
        Self::uniform(0.0)
    }

    /// The same probability everywhere.
    pub fn uniform(probability: f64) -> Self {
        Self::new(probability, probability, probability)
    }

    /// Probabilities after blocks, of attention weights, and before the head.
    pub fn new(hidden: f64, attention: f64, classifier: f64) -> Self {
        Self {
            hidden,
            attention,
            classifier,
            low_rank: 0.0,
            seed: 0,
            drawn: Cell::new(0),
        }
    }

    /// The same, with a probability for LoRA's input.
    pub fn with_low_rank(self, probability: f64) -> Self {
        Self {
            low_rank: probability,
            ..self
        }
    }

    /// The same probabilities for the forward pass of one step.
    pub fn for_step(&self, seed: u64, step: usize) -> Self {
        let seed = mix(mix(seed as u32) ^ (seed >> 32) as u32).wrapping_add(mix(step as u32));
        Self {
            seed,
            drawn: Cell::new(0),
            ..*self
        }
    }

    /// The mask of the next place in the model.
    pub fn mask(&self, probability: f64) -> Mask {
        if probability == 0.0 {
            return Mask::NONE;
        }
        let place = self.drawn.get();
        self.drawn.set(place + 1);
        Mask {
            key: mix(self.seed ^ mix(place)),
            probability,
        }
    }
}

/// The factors of one dropout, each 0 or 1 / (1 - probability). They follow from a key and are never stored.
#[derive(Debug, Clone, Copy)]
pub struct Mask {
    key: u32,
    probability: f64,
}

impl Mask {
    /// Drops nothing.
    pub const NONE: Self = Self {
        key: 0,
        probability: 0.0,
    };

    /// Whether the mask drops nothing.
    pub fn is_none(self) -> bool {
        self.probability == 0.0
    }

    /// The factors of `count` elements, row-major; none where the mask drops nothing.
    #[cfg(test)]
    fn values(self, count: usize) -> Option<Vec<f32>> {
        (!self.is_none()).then(|| {
            let mut values = vec![1.0; count];
            self.apply_from(0, &mut values);
            values
        })
    }

    /// Multiplies `values` with the mask, of which they are the elements from `first` on.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn apply_from(self, first: usize, values: &mut [f32]) {
        if self.is_none() {
            return;
        }
        let (key, limit, kept) = self.numbers();
        for (index, value) in (first as u32..).zip(values) {
            let factor = if mix(index ^ key) >> 8 < limit { kept } else { 0.0 };
            *value *= factor;
        }
    }

    /// The key, the limit and the factor, as a shader takes them: element i is kept, and multiplied with the factor, where
    /// `mix(i ^ key) >> 8` is below the limit. 24 bits are compared as whole numbers, exactly and without a branch.
    pub fn numbers(self) -> (u32, u32, f32) {
        let keep = 1.0 - self.probability;
        let limit = (keep * f64::from(1u32 << 24)).round() as u32;
        (self.key, limit, keep.recip() as f32)
    }
}

/// A 32-bit integer hash in which each input bit changes each output bit about half the time
/// (multipliers from the search by C. Wellons, "Prospecting for hash functions", 2018).
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn mix(mut x: u32) -> u32 {
    x = x.wrapping_add(0x9e37_79b9);
    x ^= x >> 16;
    x = x.wrapping_mul(0x21f0_aaad);
    x ^= x >> 15;
    x = x.wrapping_mul(0xd35a_2d97);
    x ^ (x >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_drop_the_share_that_was_asked_and_keep_the_mean() {
        for probability in [0.1, 0.5, 0.9] {
            let values = Mask {
                key: mix(7),
                probability,
            }
            .values(1 << 20)
            .expect("a mask");
            let dropped = values.iter().filter(|&&x| x == 0.0).count() as f64 / values.len() as f64;
            let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64;
            assert!((dropped - probability).abs() < 2e-3, "{dropped}");
            assert!((mean - 1.0).abs() < 1e-2, "{mean}");
        }
    }

    #[test]
    fn neighbouring_masks_are_independent() {
        let base = Dropout::uniform(0.5);
        let (a, b) = (base.for_step(42, 1), base.for_step(42, 2));
        let values = |dropout: &Dropout| dropout.mask(0.5).values(1 << 16).expect("a mask");
        let (a, b) = (values(&a), values(&b));
        let same = a.iter().zip(&b).filter(|(x, y)| x == y).count() as f64 / a.len() as f64;
        let shifted = a.iter().zip(&a[1..]).filter(|(x, y)| x == y).count() as f64 / a.len() as f64;
        assert!(
            (same - 0.5).abs() < 0.02 && (shifted - 0.5).abs() < 0.02,
            "{same} {shifted}"
        );
    }
}
