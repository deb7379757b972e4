//! Augmentation: drops, swaps and masks words of the rows, anew in each epoch. Seeded.
//!
//! A word's tokens stay together, special tokens keep their places, and no word moves to the other text of a pair.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use super::{
    batch::Row,
    token_kinds::{TokenKind, TokenKinds},
    tokenizer::Tokenizer,
};
use crate::{Error, Result, random::unit};

/// Options of augmentation, named as in the JavaScript API. Each is a share from 0 up to, but not, 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct AugmentOptions {
    /// Share of the words that are dropped (Iyyer et al. 2015, section 3: word dropout).
    pub drop: f64,
    /// Share of the neighbouring words, from left to right, that change places (Wei and Zou 2019: random swap).
    pub swap: f64,
    /// Share of the words whose tokens all become `[MASK]`.
    pub mask: f64,
}

impl AugmentOptions {
    /// Whether nothing is changed.
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// `bad-option`.
    pub fn check(&self) -> Result<()> {
        let shares = [
            ("augment.drop", self.drop),
            ("augment.swap", self.swap),
            ("augment.mask", self.mask),
        ];
        match shares.into_iter().find(|(_, share)| !(0.0..1.0).contains(share)) {
            None => Ok(()),
            Some((name, share)) => Err(Error::bad_option(name, "a number from 0 up to, but not, 1", share)),
        }
    }
}

/// A word of a row: a range of its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word {
    start: u32,
    end: u32,
    /// Number of special tokens before it: words of one segment have the same.
    segment: u32,
}

/// Augmentation of one run's rows. Its words are places of tokens, so that renumbered ids change nothing.
pub struct Augmentation {
    options: AugmentOptions,
    seed: u64,
    /// The words of each row.
    words: Vec<Vec<Word>>,
    /// The id of `[MASK]`; none where nothing is masked.
    pub mask_id: Option<u32>,
}

impl Augmentation {
    /// Augmentation of rows as the tokenizer made them.
    ///
    /// # Errors
    /// `bad-option`; `bad-tokenizer` where words are to be masked and the vocabulary has no `[MASK]`.
    pub fn new(tokenizer: &dyn Tokenizer, rows: &[Row], options: AugmentOptions, seed: u64) -> Result<Self> {
        options.check()?;
        let mask_id = match options.mask > 0.0 {
            true => Some(tokenizer.mask_id()?),
            false => None,
        };
        let kinds = tokenizer.kinds()?;
        Ok(Self {
            options,
            seed,
            words: rows.iter().map(|row| words_of(row, &kinds)).collect(),
            mask_id,
        })
    }

    /// A row in an epoch, from 1. The result depends on the seed, the epoch and the row's `number` alone.
    ///
    /// First words are dropped, then neighbours swapped, then words masked. At least one word stays unmasked.
    pub fn augment(&self, row: &Row, number: usize, epoch: usize) -> Row {
        let own = &self.words[number];
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        // Not a stream of the batches, which are numbered by epoch alone.
        random.set_stream(1 << 62 | (epoch as u64) << 32 | number as u64);
        let dropped = draw(own.len(), self.options.drop, &mut random);
        let kept = own.iter().zip(dropped).filter(|(_, dropped)| !dropped);
        let mut words: Vec<Word> = kept.map(|(word, _)| *word).collect();
        swap(&mut words, self.options.swap, &mut random);
        let masked = draw(words.len(), self.options.mask, &mut random);
        self.rebuild(row, own, words.into_iter().zip(masked).collect())
    }

    /// The row with other words between its special tokens.
    fn rebuild(&self, row: &Row, own: &[Word], words: Vec<(Word, bool)>) -> Row {
        let mut rebuilt = Row {
            input_ids: Vec::with_capacity(row.input_ids.len()),
            token_type_ids: Vec::with_capacity(row.input_ids.len()),
            truncated: row.truncated,
        };
        let mut put = |place: usize, id: Option<u32>| {
            rebuilt.input_ids.push(id.unwrap_or(row.input_ids[place]));
            rebuilt.token_type_ids.push(row.token_type_ids[place]);
        };
        let (mut place, mut passed, mut next) = (0, 0, 0);
        while place < row.input_ids.len() {
            let Some(first) = own.get(passed).filter(|word| word.start as usize == place) else {
                put(place, None);
                place += 1;
                continue;
            };
            let within = |word: &Word| word.segment == first.segment;
            while let Some((word, masked)) = words.get(next).filter(|(word, _)| within(word)) {
                (word.start..word.end).for_each(|place| put(place as usize, self.mask_id.filter(|_| *masked)));
                next += 1;
            }
            while let Some(word) = own.get(passed).filter(|word| within(word)) {
                place = word.end as usize;
                passed += 1;
            }
        }
        rebuilt
    }
}

/// The words of a row, in order.
fn words_of(row: &Row, kinds: &TokenKinds) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut segment = 0;
    for (place, &id) in row.input_ids.iter().enumerate() {
        let place = place as u32;
        match (kinds.of(id), words.last_mut()) {
            (TokenKind::Special, _) => segment += 1,
            (TokenKind::Continuation, Some(word)) if word.end == place => word.end += 1,
            // A continuation that follows no token of a word is a word of its own.
            _ => words.push(Word {
                start: place,
                end: place + 1,
                segment,
            }),
        }
    }
    words
}

/// Chooses each of `count` with a probability, but never all of them.
fn draw(count: usize, probability: f64, random: &mut ChaCha8Rng) -> Vec<bool> {
    let mut chosen: Vec<bool> = (0..count).map(|_| unit(random) < probability).collect();
    if chosen.iter().all(|&chosen| chosen) {
        let spared = (unit(random) * count as f64) as usize;
        chosen
            .iter_mut()
            .skip(spared)
            .take(1)
            .for_each(|chosen| *chosen = false);
    }
    chosen
}

/// Swaps neighbours of one segment with a probability, each word at most once.
fn swap(words: &mut [Word], probability: f64, random: &mut ChaCha8Rng) {
    let mut place = 1;
    while place < words.len() {
        let neighbours = words[place - 1].segment == words[place].segment;
        if neighbours && unit(random) < probability {
            words.swap(place - 1, place);
            place += 1;
        }
        place += 1;
    }
}
