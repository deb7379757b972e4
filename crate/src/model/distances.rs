//! A bias of attention's scores by the distance of two tokens, shared by all layers (Raffel et al. 2020, section 2.1).

use burn::tensor::Tensor;

use super::parameters::Embedding;
use crate::{device::whole_numbers, kernels::embed};

/// Distances share buckets: half of these are for keys before the query, half for keys after it.
pub(super) const BUCKETS: usize = 32;

/// The bias of each distance, as [`kernels::attention`](crate::kernels::attention) takes it.
///
/// # Shapes
/// - table: `[buckets, heads]`
/// - output: `[2 * seq_len - 1, heads]`
pub fn distance_bias(table: &Embedding, seq_len: usize) -> Tensor<2> {
    let (table, last) = (table.weight.val(), seq_len as i32 - 1);
    let device = table.device();
    let buckets: Vec<i32> = (-last..=last).map(bucket).collect();
    let first = whole_numbers(vec![0; buckets.len()], &device);
    let nothing = Tensor::zeros([1, table.dims()[1]], &device);
    embed(
        [table, nothing.clone(), nothing],
        whole_numbers(buckets, &device),
        first,
        1,
    )
}

/// The bucket of a key `distance` places after the query: one each up to 8 places, then each half power of 2 of
/// them has one, and from 128 on all are in the last.
fn bucket(distance: i32) -> i32 {
    const SIDE: i32 = BUCKETS as i32 / 2;
    const EXACT: i32 = SIDE / 2;
    let places = distance.abs();
    let within = match places < EXACT {
        true => places,
        // floor(log of places / 8 to the base √2)
        false => (EXACT + (places * places / (EXACT * EXACT)).ilog2() as i32).min(SIDE - 1),
    };
    within + if distance > 0 { SIDE } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::bucket;

    #[test]
    fn far_keys_share_buckets() {
        for (distance, expected) in [
            (0, 0),
            (-1, 1),
            (-7, 7),
            (-8, 8),
            (-11, 8),
            (-12, 9),
            (-16, 10),
            (-64, 14),
            (-90, 14),
            (-91, 15),
            (-500, 15),
            (1, 17),
            (8, 24),
            (127, 31),
        ] {
            assert_eq!(bucket(distance), expected, "{distance}");
        }
    }
}
