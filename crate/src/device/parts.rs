//! Parts that stand one after another, as the tensors of a file or of a run's state do.

/// The part that `at` lies in, by the parts' lengths, and where in it; none at their end.
pub fn part_at(lengths: impl IntoIterator<Item = usize>, at: usize) -> Option<(usize, usize)> {
    let mut begin = 0;
    for (index, length) in lengths.into_iter().enumerate() {
        if at < begin + length {
            return Some((index, at - begin));
        }
        begin += length;
    }
    None
}
