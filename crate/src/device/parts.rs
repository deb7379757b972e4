//! Parts that stand one after another, as the tensors of a file or of a run's state do.

/// The index of the part that contains `at`, by the parts' lengths, and the offset in it; `None` past the last part.
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
