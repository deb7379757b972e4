//! An estimate of a run before it begins: steps, tokens, work and peak memory, and a smaller run where memory would not
//! suffice. Takes the model's sizes, the rows' lengths and the options; computes no tensor.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{batches::epoch_batches, methods::Method, options::TrainOptions, pairs::pairs};
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
    /// Trainable parameters.
    pub trainable: usize,
    /// Whether the word embeddings are among them.
    pub trains_word_embeddings: bool,
    /// Bytes that the other trainable parameters take beyond their present ones, once the run has made them f32.
    pub widening_bytes: usize,
    /// Whether any encoder parameter is trained: else no activation is kept for a backward pass.
    pub trains_encoder: bool,
}

/// The estimate of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Steps of the run.
    pub steps: usize,
    /// Tokens of all steps, padding included.
    pub tokens: usize,
    /// Padding tokens of all steps.
    pub padded_tokens: usize,
    /// Multiplications of all steps' forward passes; of a run over pairs, those of one side.
    pub work: f64,
    /// Multiplications of evaluating dev after each epoch and test once, and of what else is computed without training.
    pub evaluation_work: f64,
    /// The rows of the batch of median work, on which a step is timed.
    pub typical_rows: Vec<usize>,
    /// Peak memory, in bytes.
    pub peak_bytes: f64,
    /// The largest tensor, in bytes: WebAssembly's allocator gives less than 2 GiB at once, however much there is.
    pub largest_bytes: f64,
    /// A smaller run that fits the memory budget, where this one does not and one exists.
    pub proposal: Option<Proposal>,
}

/// Options of a run that fits the memory budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// Rows of a micro-batch.
    pub batch_size: usize,
    /// Most tokens of a row, where a smaller batch alone does not suffice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
}

/// The rows of a run.
pub struct Data<'a> {
    /// Training rows.
    pub train: &'a [Row],
    /// The label of each training row, where it has one; a run over pairs needs it.
    pub targets: &'a [u32],
    /// Lengths, in tokens, of the rows that are evaluated after each epoch.
    pub dev: &'a [u32],
    /// Lengths, in tokens, of the rows that are evaluated once.
    pub test: &'a [u32],
}

/// The memory of the device.
#[derive(Debug, Clone, Copy)]
pub struct MemoryBudget {
    /// Bytes in use before the run, the model included.
    pub used_bytes: f64,
    /// Most bytes that can be in use.
    pub limit_bytes: f64,
}

/// Batch size of an evaluation: the default of the JavaScript API.
const EVALUATION_BATCH: usize = 32;
/// Bytes of an element.
const ELEMENT: f64 = 4.0;
/// Factor for memory that allocators hand out and nothing fills. Measured.
const FRAGMENTATION: f64 = 1.05;
/// Bytes of a tensor that WebAssembly's allocator gives at once: `isize::MAX` there.
const MOST_AT_ONCE: f64 = i32::MAX as f64;
/// The shortest proposed length, in tokens.
const MIN_LENGTH: usize = 16;

/// The estimate of a run with these options. The proposal is the first run that fits of: half the batch size, a quarter
/// and so on down to 1 row; then 1 row and half the length, a quarter and so on.
pub fn plan(sizes: &Sizes, data: &Data, options: &TrainOptions, budget: MemoryBudget) -> Plan {
    let lengths: Vec<usize> = data.train.iter().map(|row| row.input_ids.len()).collect();
    let epoch = epoch_batches(&lengths, 1, options);
    // Each batch of a step is padded by itself.
    let parts = epoch.iter().flat_map(|step| step.chunks(options.batch_size));
    let mut batches: Vec<&[usize]> = parts.collect();
    let longest = |batch: &[usize]| batch.iter().map(|&row| lengths[row]).max().unwrap_or(0);
    let computed: usize = batches.iter().map(|batch| batch.len() * longest(batch)).sum();
    let work_of = |batch: &[usize]| sizes.work(batch.len(), longest(batch));
    let work: f64 = batches.iter().map(|batch| work_of(batch)).sum();
    let epochs = options.epochs as f64;
    // Each row goes through a frozen encoder once.
    let encoder_epochs = if options.method == Method::Head { 1.0 } else { epochs };
    let (mut steps, mut passes, mut sides) = (epoch.len() * options.epochs, 1.0, 1);
    let mut memory = Memory::new(data);
    let mut evaluation = evaluation_work(sizes, data.dev) * encoder_epochs + evaluation_work(sizes, data.test);
    if options.method == Method::Contrastive {
        // Each step has pairs of rows. The head is computed at the end, from the rows' states, and evaluated once.
        let items = pairs(data.targets, 0).len();
        steps = items.div_ceil(options.items_per_step()) * options.epochs;
        (passes, sides) = (items as f64 / lengths.len().max(1) as f64, 2);
        // A batch of pairs may hold a row several times.
        memory.at_once = sides * items;
        let train: Vec<u32> = lengths.iter().map(|&length| length as u32).collect();
        evaluation = [&train, data.dev, data.test]
            .iter()
            .map(|rows| evaluation_work(sizes, rows))
            .sum();
    }
    let tokens = |tokens: usize| (tokens as f64 * epochs * passes * sides as f64).round() as usize;
    batches.sort_by(|a, b| work_of(a).total_cmp(&work_of(b)));
    let typical_rows = match batches.len() {
        0 => Vec::new(),
        count => batches.swap_remove(count / 2).to_vec(),
    };
    let peak = |batch_size, max_length| budget.used_bytes + memory.run_bytes(sizes, sides * batch_size, max_length);
    let longest_row = memory.longest;
    let peak_bytes = peak(options.batch_size, longest_row);
    let largest = |batch_size, max_length| memory.largest_bytes(sizes, sides * batch_size, max_length);
    let largest_bytes = largest(options.batch_size, longest_row);
    let fits = |batch, length| peak(batch, length) <= budget.limit_bytes && largest(batch, length) <= MOST_AT_ONCE;
    Plan {
        steps,
        tokens: tokens(computed),
        padded_tokens: tokens(computed - lengths.iter().sum::<usize>()),
        work: work * encoder_epochs * passes,
        evaluation_work: evaluation,
        typical_rows,
        peak_bytes,
        largest_bytes,
        proposal: (!fits(options.batch_size, longest_row))
            .then(|| propose(options.batch_size, longest_row, fits))
            .flatten(),
    }
}

impl Sizes {
    /// Multiplications of the encoder's forward pass over a batch. The rest of the model is left out: it is small.
    pub fn work(&self, batch: usize, seq_len: usize) -> f64 {
        let (hidden, wide) = (self.hidden as f64, self.intermediate as f64);
        let a_token = 4.0 * hidden * hidden + 2.0 * hidden * wide + 2.0 * seq_len as f64 * hidden;
        (self.layers * batch * seq_len) as f64 * a_token
    }
}

/// Multiplications of an evaluation. Its batches are those of the page: rows sorted by length, the longest first.
fn evaluation_work(sizes: &Sizes, lengths: &[u32]) -> f64 {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let batches = sorted.chunks(EVALUATION_BATCH);
    batches.map(|batch| sizes.work(batch.len(), batch[0] as usize)).sum()
}

fn propose(batch_size: usize, longest: usize, fits: impl Fn(usize, usize) -> bool) -> Option<Proposal> {
    let halves = |from: usize| std::iter::successors(Some(from), |&n| (n > 1).then_some(n / 2)).skip(1);
    if let Some(batch_size) = halves(batch_size).find(|&batch| fits(batch, longest)) {
        let max_length = None;
        return Some(Proposal { batch_size, max_length });
    }
    let mut lengths = halves(longest).take_while(|&length| length >= MIN_LENGTH);
    let max_length = Some(lengths.find(|&length| fits(1, length))?);
    Some(Proposal {
        batch_size: 1,
        max_length,
    })
}

/// What a run's memory depends on, beside the batch size and the length.
struct Memory {
    /// Tokens of the longest training row.
    longest: usize,
    /// Tokens of the longest evaluated row.
    longest_evaluated: usize,
    /// Training rows.
    rows: usize,
    /// Most of them in a batch.
    at_once: usize,
    /// Most rows evaluated at once.
    evaluated: usize,
    /// Distinct ids of the training rows, and the padding's.
    ids: usize,
    /// Bytes of the rows themselves.
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
        // An id and a segment a token, and two vectors a row. The caller and the run have a copy each of the training
        // rows.
        let bytes_of = |tokens: usize, rows: usize| (tokens * 8 + rows * size_of::<Row>()) as f64;
        let evaluated_tokens = evaluated().map(|&length| length as usize).sum();
        let evaluated_rows = data.dev.len() + data.test.len();
        Self {
            longest: data.train.iter().map(|row| row.input_ids.len()).max().unwrap_or(0),
            longest_evaluated: evaluated().copied().max().unwrap_or(0) as usize,
            rows: data.train.len(),
            at_once: data.train.len(),
            evaluated: data.dev.len().max(data.test.len()).min(EVALUATION_BATCH),
            ids: ids.len() + 1,
            bytes: 2.0 * bytes_of(tokens, data.train.len()) + bytes_of(evaluated_tokens, evaluated_rows),
        }
    }

    /// Bytes of a run's largest tensor: attention weights of all heads, states of the feed-forward block, or word embeddings.
    fn largest_bytes(&self, sizes: &Sizes, batch_size: usize, max_length: usize) -> f64 {
        let of = |rows: usize, length: usize| {
            let (rows, length) = (rows as f64, length.min(max_length) as f64);
            let attention = rows * sizes.heads as f64 * length * length;
            attention.max(rows * length * sizes.intermediate.max(sizes.hidden) as f64)
        };
        let trained = of(batch_size.min(self.at_once), self.longest);
        let evaluated = of(self.evaluated, self.longest_evaluated);
        ELEMENT * trained.max(evaluated).max((sizes.vocab * sizes.hidden) as f64)
    }

    /// Peak bytes of a run beside the loaded model, the sum of three terms:
    /// - throughout the run: its sparse word embeddings, parameters converted to f32, and two moments a parameter;
    /// - the largest of: the activations at the start of a backward pass, all gradients at its end, and an evaluation;
    /// - the full word-embedding table that an evaluation needs: freed memory is too fragmented by then to hold it.
    fn run_bytes(&self, sizes: &Sizes, batch_size: usize, max_length: usize) -> f64 {
        let (mut table, mut sparse_table) = (0.0, 0.0);
        if sizes.trains_word_embeddings {
            table = (sizes.vocab * sizes.hidden) as f64;
            sparse_table = (self.ids.min(sizes.vocab) * sizes.hidden) as f64;
        }
        let trained = sizes.trainable as f64 - table + sparse_table;
        let (rows, longest) = (batch_size.min(self.at_once), self.longest.min(max_length));
        let activations = match sizes.trains_encoder {
            true => activations(sizes, rows, longest),
            false => forward(sizes, rows, longest) + (self.rows * sizes.hidden) as f64,
        };
        let evaluation = forward(sizes, self.evaluated, self.longest_evaluated.min(max_length));
        let worst = activations.max(trained).max(evaluation);
        let converted = sizes.widening_bytes as f64 / ELEMENT;
        self.bytes + FRAGMENTATION * ELEMENT * (sparse_table + converted + 2.0 * trained + worst + table)
    }
}

/// Elements of the activations at the start of a backward pass, with the last layer's first gradients.
fn activations(sizes: &Sizes, batch: usize, seq_len: usize) -> f64 {
    let tokens = (batch * seq_len) as f64;
    let (hidden, wide) = (sizes.hidden as f64, sizes.intermediate as f64);
    // Of width hidden: a layer's input, query, key, value, context, both LayerNorms' normalized rows, the first one's
    // output. Of width intermediate: the feed-forward states, and their activation's gradient. Then the attention
    // weights.
    let layer = tokens * (8.0 * hidden + 2.0 * wide) + (batch * sizes.heads * seq_len * seq_len) as f64;
    let embeddings = 2.0 * tokens * hidden;
    let first_gradients = tokens * (2.0 * hidden + wide);
    sizes.layers as f64 * layer + embeddings + first_gradients
}

/// Elements of one layer's forward pass where nothing is kept for a backward pass.
fn forward(sizes: &Sizes, batch: usize, seq_len: usize) -> f64 {
    let tokens = (batch * seq_len) as f64;
    let attention = 5.0 * tokens * sizes.hidden as f64 + (batch * sizes.heads * seq_len * seq_len) as f64;
    let feed_forward = tokens * (2 * sizes.hidden + sizes.intermediate) as f64;
    attention.max(feed_forward)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_of_two_gibibytes_does_not_fit_and_a_smaller_batch_is_proposed() {
        let sizes = Sizes {
            layers: 1,
            hidden: 64,
            heads: 64,
            intermediate: 8,
            vocab: 100,
            trainable: 100_000,
            trains_word_embeddings: true,
            widening_bytes: 0,
            trains_encoder: true,
        };
        let row = Row {
            input_ids: vec![1; 512],
            token_type_ids: vec![0; 512],
            truncated: false,
        };
        let rows = vec![row; 40];
        let data = Data {
            train: &rows,
            targets: &[],
            dev: &[],
            test: &[],
        };
        let plan_of = |batch_size| {
            let options = TrainOptions {
                batch_size,
                ..TrainOptions::default()
            };
            let budget = MemoryBudget {
                used_bytes: 0.0,
                limit_bytes: 1e12,
            };
            plan(&sizes, &data, &options, budget)
        };
        let found = plan_of(40);
        assert_eq!(found.largest_bytes, 40.0 * 64.0 * 512.0 * 512.0 * 4.0);
        assert_eq!(found.proposal.map(|proposal| proposal.batch_size), Some(20));
        assert_eq!(plan_of(20).proposal, None);
    }
}
