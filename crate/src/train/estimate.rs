//! Takes the sizes of a model, the rows' lengths and the options of a run; gives what the run will compute and hold,
//! and a smaller one where that is too much. Computes no tensor.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{batches::epoch_batches, options::TrainOptions};
use crate::text::Row;

/// The sizes of a model that its memory and work depend on, all in elements.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Encoder layers.
    pub layers: usize,
    /// Width of a hidden state.
    pub hidden: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of the feed-forward block.
    pub intermediate: usize,
    /// Rows of the word embedding.
    pub vocab: usize,
    /// Numbers that the run trains.
    pub trained: usize,
    /// Whether the word embeddings are among them.
    pub trains_words: bool,
    /// Of the others, those that are kept in 16 bits until the run widens them.
    pub halves: usize,
    /// Whether anything of the encoder is: else no state is kept for a backward pass.
    pub trains_encoder: bool,
}

/// What a run will compute and hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Steps of the run.
    pub steps: usize,
    /// Tokens computed in them, padding included.
    pub tokens: usize,
    /// Those that are padding.
    pub padded_tokens: usize,
    /// Multiplications of the steps' forward passes.
    pub work: f64,
    /// Those of evaluating dev after each epoch and test once.
    pub evaluation_work: f64,
    /// The rows of the batch whose work is the median: what a step is timed on.
    pub typical_rows: Vec<usize>,
    /// Most bytes held at once.
    pub peak_bytes: f64,
    /// A smaller run that fits, where this one does not and there is one.
    pub proposal: Option<Proposal>,
}

/// What to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// Rows a step.
    pub batch_size: usize,
    /// Tokens that rows are cut to, where fewer rows alone do not suffice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
}

/// The rows of a run.
pub struct Data<'a> {
    /// What it trains on.
    pub train: &'a [Row],
    /// Lengths of what is evaluated after each epoch.
    pub dev: &'a [u32],
    /// Lengths of what is evaluated once.
    pub test: &'a [u32],
}

/// What may be held, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// What is held before the run, the model included.
    pub held: f64,
    /// What can be held in all.
    pub limit: f64,
}

/// Rows that an evaluation takes at once: the default of the JavaScript API.
const EVALUATION_BATCH: usize = 32;
/// Bytes of an element.
const ELEMENT: f64 = 4.0;
/// Memory is handed out in pieces that are seldom filled to the end: measured.
const UNFILLED: f64 = 1.05;
/// The shortest length that is proposed.
const LEAST_LENGTH: usize = 16;

/// Looks ahead: what the options would take, and where that does not fit, the first that does of half the batch, a
/// quarter and so on down to 1 row, then of half the length and so on.
pub fn plan(sizes: &Sizes, data: &Data, options: &TrainOptions, room: Room) -> Plan {
    let lengths: Vec<usize> = data.train.iter().map(|row| row.input_ids.len()).collect();
    let mut batches = epoch_batches(&lengths, 1, options);
    let longest = |batch: &[usize]| batch.iter().map(|&row| lengths[row]).max().unwrap_or(0);
    let computed: usize = batches.iter().map(|batch| batch.len() * longest(batch)).sum();
    let work_of = |batch: &[usize]| sizes.work(batch.len(), longest(batch));
    let work: f64 = batches.iter().map(|batch| work_of(batch)).sum();
    let epochs = options.epochs as f64;
    let steps = batches.len() * options.epochs;
    batches.sort_by(|a, b| work_of(a).total_cmp(&work_of(b)));
    let typical_rows = match batches.len() {
        0 => Vec::new(),
        count => batches.swap_remove(count / 2),
    };
    let memory = Memory::new(data);
    let peak = |batch_size, max_length| room.held + memory.run_bytes(sizes, batch_size, max_length);
    let whole = memory.longest;
    let peak_bytes = peak(options.batch_size, whole);
    Plan {
        steps,
        tokens: computed * options.epochs,
        padded_tokens: (computed - lengths.iter().sum::<usize>()) * options.epochs,
        work: work * epochs,
        evaluation_work: evaluation_work(sizes, data.dev) * epochs + evaluation_work(sizes, data.test),
        typical_rows,
        peak_bytes,
        proposal: (peak_bytes > room.limit)
            .then(|| {
                smaller(options.batch_size, whole, |batch, length| {
                    peak(batch, length) <= room.limit
                })
            })
            .flatten(),
    }
}

impl Sizes {
    /// Multiplications of a forward pass over a batch, in the encoder: the rest is small beside it.
    pub fn work(&self, batch: usize, seq_len: usize) -> f64 {
        let (hidden, wide) = (self.hidden as f64, self.intermediate as f64);
        let a_token = 4.0 * hidden * hidden + 2.0 * hidden * wide + 2.0 * seq_len as f64 * hidden;
        (self.layers * batch * seq_len) as f64 * a_token
    }
}

/// As `web/src/inference.ts` batches rows: the longest first.
fn evaluation_work(sizes: &Sizes, lengths: &[u32]) -> f64 {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let batches = sorted.chunks(EVALUATION_BATCH);
    batches.map(|batch| sizes.work(batch.len(), batch[0] as usize)).sum()
}

fn smaller(batch_size: usize, longest: usize, fits: impl Fn(usize, usize) -> bool) -> Option<Proposal> {
    let halves = |from: usize| std::iter::successors(Some(from), |&n| (n > 1).then_some(n / 2)).skip(1);
    if let Some(batch_size) = halves(batch_size).find(|&batch| fits(batch, longest)) {
        let max_length = None;
        return Some(Proposal { batch_size, max_length });
    }
    let mut lengths = halves(longest).take_while(|&length| length >= LEAST_LENGTH);
    let max_length = Some(lengths.find(|&length| fits(1, length))?);
    Some(Proposal {
        batch_size: 1,
        max_length,
    })
}

/// What the memory of a run depends on beside the batch size and the length.
struct Memory {
    /// Tokens of the longest training row.
    longest: usize,
    /// Of the longest that is evaluated.
    longest_evaluated: usize,
    /// Training rows, and the most rows evaluated at once.
    rows: usize,
    evaluated: usize,
    /// Different words of the training rows.
    words: usize,
    /// Of the rows themselves.
    bytes: f64,
}

impl Memory {
    fn new(data: &Data) -> Self {
        let tokens: usize = data.train.iter().map(|row| row.input_ids.len()).sum();
        let evaluated = || data.dev.iter().chain(data.test);
        let ids: BTreeSet<u32> = data
            .train
            .iter()
            .flat_map(|row| row.input_ids.iter().copied())
            .collect();
        // An id and a segment a token and two vectors a row; training rows are held twice, by the caller and by the run.
        let bytes_of = |tokens: usize, rows: usize| (tokens * 8 + rows * size_of::<Row>()) as f64;
        let evaluated_tokens = evaluated().map(|&length| length as usize).sum();
        let evaluated_rows = data.dev.len() + data.test.len();
        Self {
            longest: data.train.iter().map(|row| row.input_ids.len()).max().unwrap_or(0),
            longest_evaluated: evaluated().copied().max().unwrap_or(0) as usize,
            rows: data.train.len(),
            evaluated: data.dev.len().max(data.test.len()).min(EVALUATION_BATCH),
            words: ids.len() + 1,
            bytes: 2.0 * bytes_of(tokens, data.train.len()) + bytes_of(evaluated_tokens, evaluated_rows),
        }
    }

    /// Bytes that a run takes beside the loaded model, at its worst moment. All along: the run's own word embeddings
    /// and two moments of each number it trains. The most of: the activations kept for the backward pass, before it has
    /// given back any; all gradients, after it; and an evaluation. And the whole table of word embeddings that an
    /// evaluation and the end put together: by then what the steps gave back is in pieces, none of which holds it.
    fn run_bytes(&self, sizes: &Sizes, batch_size: usize, max_length: usize) -> f64 {
        let (mut table, mut words) = (0.0, 0.0);
        if sizes.trains_words {
            table = (sizes.vocab * sizes.hidden) as f64;
            words = (self.words.min(sizes.vocab) * sizes.hidden) as f64;
        }
        let trained = sizes.trained as f64 - table + words;
        let (rows, longest) = (batch_size.min(self.rows), self.longest.min(max_length));
        let activations = match sizes.trains_encoder {
            true => activations(sizes, rows, longest),
            false => forward(sizes, rows, longest) + (self.rows * sizes.hidden) as f64,
        };
        let evaluation = forward(sizes, self.evaluated, self.longest_evaluated.min(max_length));
        let worst = activations.max(trained).max(evaluation);
        let widened = sizes.halves as f64 / 2.0;
        self.bytes + UNFILLED * ELEMENT * (words + widened + 2.0 * trained + worst + table)
    }
}

/// Elements kept for the backward pass at its beginning, with what the last layer's first products need beside them.
fn activations(sizes: &Sizes, batch: usize, seq_len: usize) -> f64 {
    let tokens = (batch * seq_len) as f64;
    let (hidden, wide) = (sizes.hidden as f64, sizes.intermediate as f64);
    // A layer's input, query, key, value, context, two LayerNorms' normalized rows, the first one's output; the wide
    // states and the slopes of their activation. And the attention weights.
    let layer = tokens * (8.0 * hidden + 2.0 * wide) + (batch * sizes.heads * seq_len * seq_len) as f64;
    let embeddings = 2.0 * tokens * hidden;
    let beside = tokens * (2.0 * hidden + wide);
    sizes.layers as f64 * layer + embeddings + beside
}

/// Elements of one layer's forward pass, of which nothing is kept.
fn forward(sizes: &Sizes, batch: usize, seq_len: usize) -> f64 {
    let tokens = (batch * seq_len) as f64;
    let attention = 5.0 * tokens * sizes.hidden as f64 + (batch * sizes.heads * seq_len * seq_len) as f64;
    let feed_forward = tokens * (2 * sizes.hidden + sizes.intermediate) as f64;
    attention.max(feed_forward)
}
