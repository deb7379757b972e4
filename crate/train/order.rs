//! The order in which an epoch takes its rows.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Row indices of one epoch (from 1): 0, 1, 2, ..., or a Fisher-Yates shuffle that `seed` and the epoch fix.
pub fn epoch_order(rows: usize, epoch: usize, shuffle: bool, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    if shuffle {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        // A stream of its own for each epoch, so that no epoch depends on how the one before was drawn.
        random.set_stream(epoch as u64);
        for last in (1..rows).rev() {
            // Modulo of 64 bits: the bias for any row count a browser holds is below 1e-9.
            let other = (random.next_u64() % (last as u64 + 1)) as usize;
            order.swap(last, other);
        }
    }
    order
}
