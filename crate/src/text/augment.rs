//! Takes rows of tokens; gives them with words dropped, swapped and masked, anew in each epoch: augmentation. Seeded.
//!
//! The pieces of a word stay together, special tokens stay where they are, and no word leaves its text of a pair.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use super::{
    batch::Row,
    token_kinds::{Kind, Kinds},
    tokenizer::BertTokenizer,
};
use crate::{Error, Result, random::unit};

/// How much is changed, named as in the JavaScript API: each 0 up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct AugmentOptions {
    /// Share of the words that are left out (Iyyer et al. 2015, section 3: word dropout).
    pub drop: f64,
    /// Share of the neighbours, from left to right, that change places (Wei and Zou 2019: random swap, of neighbours).
    pub swap: f64,
    /// Share of the words that become `[MASK]`, every piece of them.
    pub mask: f64,
}

impl AugmentOptions {
    /// Whether all rows stay as they are.
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

/// Tokens of a row that are one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word {
    start: u32,
    end: u32,
    /// Between which two special tokens.
    part: u32,
}

/// Augmentation of the rows of one run, whatever their ids are by then.
pub struct Augmentation {
    options: AugmentOptions,
    seed: u64,
    /// Of each row.
    words: Vec<Vec<Word>>,
    /// The id of `[MASK]`, where anything is masked.
    pub mask_id: Option<u32>,
}

impl Augmentation {
    /// Of rows as the tokenizer made them.
    ///
    /// # Errors
    /// `bad-option`; `bad-tokenizer` where there is to be masked and the vocabulary has no `[MASK]`.
    pub fn new(tokenizer: &BertTokenizer, rows: &[Row], options: AugmentOptions, seed: u64) -> Result<Self> {
        options.check()?;
        let mask_id = match options.mask > 0.0 {
            true => Some(tokenizer.mask_id()?),
            false => None,
        };
        let kinds = Kinds::of(tokenizer);
        Ok(Self {
            options,
            seed,
            words: rows.iter().map(|row| words(row, &kinds)).collect(),
            mask_id,
        })
    }

    /// A row as it is in an epoch. What is drawn depends on the seed, the epoch and the row's `number` alone.
    ///
    /// Words are dropped, of the rest neighbours swapped, of these some masked. At least one word stays as it is.
    pub fn row(&self, row: &Row, number: usize, epoch: usize) -> Row {
        let own = &self.words[number];
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        // Away from the streams that order the rows, which are numbered by epoch alone.
        random.set_stream(1 << 62 | (epoch as u64) << 32 | number as u64);
        let dropped = drawn(own.len(), self.options.drop, &mut random);
        let kept = own.iter().zip(dropped).filter(|(_, dropped)| !dropped);
        let mut words: Vec<Word> = kept.map(|(word, _)| *word).collect();
        swap(&mut words, self.options.swap, &mut random);
        let masked = drawn(words.len(), self.options.mask, &mut random);
        self.built(row, own, words.into_iter().zip(masked).collect())
    }

    /// The row with other words between its special tokens.
    fn built(&self, row: &Row, own: &[Word], words: Vec<(Word, bool)>) -> Row {
        let mut built = Row {
            input_ids: Vec::with_capacity(row.input_ids.len()),
            token_type_ids: Vec::with_capacity(row.input_ids.len()),
            truncated: row.truncated,
        };
        let mut put = |place: usize, id: Option<u32>| {
            built.input_ids.push(id.unwrap_or(row.input_ids[place]));
            built.token_type_ids.push(row.token_type_ids[place]);
        };
        let (mut place, mut passed, mut next) = (0, 0, 0);
        while place < row.input_ids.len() {
            let Some(first) = own.get(passed).filter(|word| word.start as usize == place) else {
                put(place, None);
                place += 1;
                continue;
            };
            let within = |word: &Word| word.part == first.part;
            while let Some((word, masked)) = words.get(next).filter(|(word, _)| within(word)) {
                (word.start..word.end).for_each(|place| put(place as usize, self.mask_id.filter(|_| *masked)));
                next += 1;
            }
            while let Some(word) = own.get(passed).filter(|word| within(word)) {
                place = word.end as usize;
                passed += 1;
            }
        }
        built
    }
}

/// The words of a row, in order.
fn words(row: &Row, kinds: &Kinds) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut part = 0;
    for (place, &id) in row.input_ids.iter().enumerate() {
        let place = place as u32;
        match (kinds.of_id(id), words.last_mut()) {
            (Kind::Special, _) => part += 1,
            (Kind::Piece, Some(word)) if word.end == place => word.end += 1,
            // A piece that follows no token of a word is a word of its own.
            _ => words.push(Word {
                start: place,
                end: place + 1,
                part,
            }),
        }
    }
    words
}

/// Which of so many are chosen, each with a probability; never all of them.
fn drawn(count: usize, probability: f64, random: &mut ChaCha8Rng) -> Vec<bool> {
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

/// Lets neighbours of one part change places, each word once.
fn swap(words: &mut [Word], probability: f64, random: &mut ChaCha8Rng) {
    let mut place = 1;
    while place < words.len() {
        let neighbours = words[place - 1].part == words[place].part;
        if neighbours && unit(random) < probability {
            words.swap(place - 1, place);
            place += 1;
        }
        place += 1;
    }
}
