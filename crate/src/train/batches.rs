//! Takes the rows' lengths; gives the batches of an epoch, in the order in which it takes them.

use std::cmp::Reverse;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::options::TrainOptions;

/// Rows are sorted by length within so many batches: enough that a batch's rows are almost of one length, and few
/// enough that it still holds rows of anywhere.
const BUCKET_BATCHES: usize = 50;

/// The row indices of each batch of one epoch (from 1), where row i has `lengths[i]` tokens; each row once, `items_a_step` a batch. Without
/// `shuffle`, in the order of the rows. Else of a Fisher-Yates shuffle that the seed and the epoch fix; with
/// `group_by_length` each 50 batches of it are sorted by length before they are cut, and the batches are shuffled: so
/// rows of like length meet, and the batch that holds what is left over may stand anywhere.
pub fn epoch_batches(lengths: &[usize], epoch: usize, options: &TrainOptions) -> Vec<Vec<usize>> {
    let size = options.items_a_step();
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    if !options.shuffle {
        return batches_of(&order, size);
    }
    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    // A stream of its own for each epoch, so that no epoch depends on how the one before was drawn.
    random.set_stream(epoch as u64);
    shuffle(&mut order, &mut random);
    if !options.group_by_length {
        return batches_of(&order, size);
    }
    for bucket in order.chunks_mut(BUCKET_BATCHES * size) {
        // Stable, so that rows of one length stay as they were drawn.
        bucket.sort_by_key(|&row| Reverse(lengths[row]));
    }
    let mut batches = batches_of(&order, size);
    shuffle(&mut batches, &mut random);
    batches
}

fn batches_of(order: &[usize], batch_size: usize) -> Vec<Vec<usize>> {
    order.chunks(batch_size).map(<[usize]>::to_vec).collect()
}

fn shuffle<T>(items: &mut [T], random: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        // Modulo of 64 bits: the bias for any row count a browser holds is below 1e-9.
        let other = (random.next_u64() % (last as u64 + 1)) as usize;
        items.swap(last, other);
    }
}
