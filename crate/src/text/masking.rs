//! Masking for masked language modelling: replaces some tokens of a row, and keeps their ids as targets. Seeded.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use super::{
    batch::Row,
    token_kinds::{TokenKind, TokenKinds},
    tokenizer::Tokenizer,
};
use crate::{Error, Result, random::unit};

/// Share of the chosen tokens that become `[MASK]`.
const MASKED: f64 = 0.8;
/// Share of the other chosen tokens that become a random token of the vocabulary; the rest stay unchanged.
const REPLACED: f64 = 0.5;

/// Options of masking, named as in the JavaScript API.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MaskingOptions {
    /// Probability with which each token, or each word, is chosen: above 0 and at most 1.
    pub mask_probability: f64,
    /// Whether a word's tokens are chosen together.
    pub whole_words: bool,
    /// Seed of the choice.
    pub seed: u64,
}

impl Default for MaskingOptions {
    fn default() -> Self {
        Self {
            mask_probability: 0.15,
            whole_words: false,
            seed: 42,
        }
    }
}

impl MaskingOptions {
    /// Checks the range.
    ///
    /// # Errors
    /// `bad-option`.
    pub fn check(&self) -> Result<()> {
        if self.mask_probability > 0.0 && self.mask_probability <= 1.0 {
            return Ok(());
        }
        Err(Error::bad_option(
            "maskProbability",
            "a number above 0 and at most 1",
            self.mask_probability,
        ))
    }
}

/// Masking of one tokenizer's rows.
#[derive(Debug, Clone)]
pub struct Masking {
    options: MaskingOptions,
    mask_id: u32,
    kinds: TokenKinds,
}

/// A row with some of its tokens masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedRow {
    /// The row with its masks.
    pub row: Row,
    /// Each chosen position, ascending, and the original id there.
    pub targets: Vec<(usize, u32)>,
}

impl Masking {
    /// # Errors
    /// `bad-option`; `bad-tokenizer` where the vocabulary has no `[MASK]`.
    pub fn new(tokenizer: &dyn Tokenizer, options: MaskingOptions) -> Result<Self> {
        options.check()?;
        let mask_id = tokenizer.mask_id()?;
        Ok(Self {
            options,
            mask_id,
            kinds: tokenizer.kinds()?,
        })
    }

    /// Whether the row has a token that can be masked: one that is not special.
    pub fn can_mask(&self, row: &Row) -> bool {
        row.input_ids.iter().any(|&id| self.kinds.of(id) != TokenKind::Special)
    }

    /// The row in an epoch. The masks depend on the seed, the epoch and the row's `number` alone.
    ///
    /// Each token is chosen with `mask_probability`; of those chosen 80% become `[MASK]`, 10% any token of the
    /// vocabulary, and 10% stay (Devlin et al. 2019, appendix A.1; transformers' `DataCollatorForLanguageModeling`).
    /// With `whole_words` words are chosen instead of tokens.
    pub fn mask(&self, row: &Row, number: usize, epoch: usize) -> MaskedRow {
        let mut random = self.random(number, epoch);
        let mut places = Vec::new();
        let mut chosen = false;
        for (place, &id) in row.input_ids.iter().enumerate() {
            if !self.continues_choice(row, place) {
                let can_be_masked = self.kinds.of(id) != TokenKind::Special;
                chosen = can_be_masked && unit(&mut random) < self.options.mask_probability;
            }
            if chosen {
                places.push(place);
            }
        }
        self.masked(row, &places, &mut random)
    }

    /// The row with exactly one token chosen, or one word, for a batch in which chance chose none. The row must have a token
    /// that can be masked.
    pub fn mask_one(&self, row: &Row, number: usize, epoch: usize) -> MaskedRow {
        let mut random = self.random(number, epoch);
        let places =
            (0..row.input_ids.len()).filter(|&place| self.kinds.of(row.input_ids[place]) != TokenKind::Special);
        let places: Vec<usize> = places.collect();
        let mut first = places[below(places.len(), &mut random)];
        while self.continues_choice(row, first) {
            first -= 1;
        }
        let mut end = first + 1;
        while end < row.input_ids.len() && self.continues_choice(row, end) {
            end += 1;
        }
        self.masked(row, &(first..end).collect::<Vec<_>>(), &mut random)
    }

    /// Whether the token is chosen with the one before it: it continues a word, and words are chosen. A continuation that
    /// follows no token of a word is a word of its own.
    fn continues_choice(&self, row: &Row, place: usize) -> bool {
        self.options.whole_words
            && self.kinds.of(row.input_ids[place]) == TokenKind::Continuation
            && place > 0
            && self.kinds.of(row.input_ids[place - 1]) != TokenKind::Special
    }

    /// The generator of one row in one epoch. Its stream differs from the batches', which are numbered by epoch alone.
    fn random(&self, number: usize, epoch: usize) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.options.seed);
        random.set_stream(1 << 63 | (epoch as u64) << 32 | number as u64);
        random
    }

    fn masked(&self, row: &Row, places: &[usize], random: &mut ChaCha8Rng) -> MaskedRow {
        let mut masked = row.clone();
        for &place in places {
            if unit(random) < MASKED {
                masked.input_ids[place] = self.mask_id;
            } else if unit(random) < REPLACED {
                masked.input_ids[place] = below(self.kinds.count(), random) as u32;
            }
        }
        MaskedRow {
            targets: places.iter().map(|&place| (place, row.input_ids[place])).collect(),
            row: masked,
        }
    }
}

fn below(count: usize, random: &mut ChaCha8Rng) -> usize {
    // Modulo of 64 bits: the bias is below 1e-9.
    (random.next_u64() % count as u64) as usize
}
