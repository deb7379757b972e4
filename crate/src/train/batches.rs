//! The batch sampler: from the rows' lengths to the batches of an epoch, in order.

use std::cmp::Reverse;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::options::TrainOptions;

/// Rows are sorted by length within buckets of so many batches. Larger buckets save more padding; smaller ones mix the
/// rows better.
const BUCKET_BATCHES: usize = 50;

/// The row indices of each batch of an epoch, from 1. Row i has `lengths[i]` tokens; every row is in one batch, and a
/// batch has `items_per_step` rows, but for one that may have fewer.
///
/// Without `shuffle` the rows keep their order. With it, a Fisher-Yates shuffle depends on the seed and the epoch
/// alone. With `group_by_length` the shuffled rows are sorted by length in buckets of 50 batches, cut into batches, and
/// the batches are shuffled: so rows of like length share a batch.
pub fn epoch_batches(lengths: &[usize], epoch: usize, options: &TrainOptions) -> Vec<Vec<usize>> {
    let size = options.items_per_step();
    let mut rows: Vec<usize> = (0..lengths.len()).collect();
    if !options.shuffle {
        return batches_of(&rows, size);
    }
    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    // A random stream for each epoch, so that no epoch depends on the one before.
    random.set_stream(epoch as u64);
    shuffle(&mut rows, &mut random);
    if !options.group_by_length {
        return batches_of(&rows, size);
    }
    for bucket in rows.chunks_mut(BUCKET_BATCHES * size) {
        // A stable sort, so that rows of one length stay shuffled.
        bucket.sort_by_key(|&row| Reverse(lengths[row]));
    }
    let mut batches = batches_of(&rows, size);
    shuffle(&mut batches, &mut random);
    batches
}

fn batches_of(rows: &[usize], batch_size: usize) -> Vec<Vec<usize>> {
    rows.chunks(batch_size).map(<[usize]>::to_vec).collect()
}

fn shuffle<T>(items: &mut [T], random: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        // Modulo of 64 bits: the bias for any row count a browser holds is below 1e-9.
        let other = (random.next_u64() % (last as u64 + 1)) as usize;
        items.swap(last, other);
    }
}
