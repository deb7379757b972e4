//! Takes rows of tokens; gives them with some of the tokens masked, and what those were: the task of masked-language
//! modelling. Seeded.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use super::{
    batch::Row,
    token_kinds::{Kind, Kinds},
    tokenizer::BertTokenizer,
};
use crate::{Error, Result, random::unit};

/// Of the chosen tokens, the share that becomes `[MASK]`.
const MASKED: f64 = 0.8;
/// Of the others, the share that becomes any token of the vocabulary; the rest stays as it is.
const REPLACED: f64 = 0.5;

/// How tokens are chosen, named as in the JavaScript API.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MaskingOptions {
    /// Probability of each token, or each word, above 0 and at most 1.
    pub mask_probability: f64,
    /// Whether the pieces of a word are chosen together.
    pub whole_words: bool,
    /// Seed of what is drawn.
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
    kinds: Kinds,
}

/// A row with some of its tokens masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// What the model reads.
    pub row: Row,
    /// Where it is asked, ascending, and the id that stood there.
    pub targets: Vec<(usize, u32)>,
}

impl Masking {
    /// # Errors
    /// `bad-option`; `bad-tokenizer` where the vocabulary has no `[MASK]`.
    pub fn new(tokenizer: &BertTokenizer, options: MaskingOptions) -> Result<Self> {
        options.check()?;
        let mask_id = tokenizer.mask_id()?;
        Ok(Self {
            options,
            mask_id,
            kinds: Kinds::of(tokenizer),
        })
    }

    /// Whether the row has a token that can be masked.
    pub fn can_mask(&self, row: &Row) -> bool {
        row.input_ids.iter().any(|&id| self.kinds.of_id(id) != Kind::Special)
    }

    /// The row as it is in this epoch. What is drawn depends on the seed, the epoch and the row's `number` alone.
    ///
    /// Each token is chosen with `mask_probability`; of those chosen 80% become `[MASK]`, 10% any token of the vocabulary,
    /// and 10% stay (Devlin et al. 2019, appendix A.1; transformers' `DataCollatorForLanguageModeling`). With
    /// `whole_words` it is words that are chosen, all pieces together.
    pub fn mask(&self, row: &Row, number: usize, epoch: usize) -> Masked {
        let mut random = self.random(number, epoch);
        let mut places = Vec::new();
        let mut chosen = false;
        for (place, &id) in row.input_ids.iter().enumerate() {
            let kind = self.kinds.of_id(id);
            // A piece that follows no token of a word is a word of its own.
            let goes_on = self.options.whole_words
                && kind == Kind::Piece
                && place > 0
                && self.kinds.of_id(row.input_ids[place - 1]) != Kind::Special;
            if !goes_on {
                chosen = kind != Kind::Special && unit(&mut random) < self.options.mask_probability;
            }
            if chosen {
                places.push(place);
            }
        }
        self.masked(row, &places, &mut random)
    }

    /// The same with exactly one token chosen, of a row that has one: for a batch of which chance chose none, and from
    /// which nothing could be learned.
    pub fn mask_one(&self, row: &Row, number: usize, epoch: usize) -> Masked {
        let mut random = self.random(number, epoch);
        let places = (0..row.input_ids.len()).filter(|&place| self.kinds.of_id(row.input_ids[place]) != Kind::Special);
        let places: Vec<usize> = places.collect();
        let chosen = places[below(places.len(), &mut random)];
        self.masked(row, &[chosen], &mut random)
    }

    /// A generator for one row of one epoch, away from the streams that order the rows, which are numbered by epoch alone.
    fn random(&self, number: usize, epoch: usize) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.options.seed);
        random.set_stream(1 << 63 | (epoch as u64) << 32 | number as u64);
        random
    }

    fn masked(&self, row: &Row, places: &[usize], random: &mut ChaCha8Rng) -> Masked {
        let mut masked = row.clone();
        for &place in places {
            if unit(random) < MASKED {
                masked.input_ids[place] = self.mask_id;
            } else if unit(random) < REPLACED {
                masked.input_ids[place] = below(self.kinds.count(), random) as u32;
            }
        }
        Masked {
            targets: places.iter().map(|&place| (place, row.input_ids[place])).collect(),
            row: masked,
        }
    }
}

fn below(count: usize, random: &mut ChaCha8Rng) -> usize {
    // Modulo of 64 bits: the bias is below 1e-9.
    (random.next_u64() % count as u64) as usize
}
