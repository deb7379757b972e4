//! Products with a matrix that is kept as whole numbers of 7 bits, one scale a column.
//!
//! Each row of the left side becomes whole numbers of 8 bits as it comes: x ≈ s a with s = max|x| / 127. Of w ≈ t (u - 64), u from
//! 1 to 127 is kept, since relaxed products of engines agree only where one side has no sign:
//! x · w ≈ s t (Σ a u - 64 Σ a). The sums are whole numbers, so every build and every number of threads gives the same answer.

use std::borrow::Cow;

use rayon::prelude::*;

use super::{
    parts::{PANEL, Part, Sizes, share},
    simd::{
        self,
        lanes::{self, GROUP, I32x4, RIGHT_WORDS},
    },
};
use crate::kernels::storage::{Role, quantized, scales};

/// What is added to a weight's whole number, so that no kept number has a sign.
const OFFSET: i32 = 64;
/// Words of a panel's row: `GROUP` numbers of each column.
const WORDS: usize = VECTORS * RIGHT_WORDS;
/// Vectors of four columns of a panel.
const VECTORS: usize = PANEL / 4;
/// Rows of the register tile.
const TILE_ROWS: usize = 3;
/// Rows that are made whole numbers by one task.
const BLOCK_ROWS: usize = 32;

/// A matrix of `rows` by `columns` in panels of `PANEL` columns: from the first rows to the last, a word holds `GROUP` rows of a
/// column.
#[derive(Debug, Clone)]
pub struct Int8Panels<'a> {
    words: Cow<'a, [[u32; WORDS]]>,
    scales: Cow<'a, [f32]>,
    rows: usize,
}

impl<'a> Int8Panels<'a> {
    /// Those of a matrix, row after row.
    pub fn pack(values: &[f32], [rows, columns]: [usize; 2]) -> Int8Panels<'static> {
        let scales = scales(values, columns, Role::Dense);
        let (deep, across) = (rows.div_ceil(GROUP), columns.div_ceil(PANEL));
        let mut words = vec![[0; WORDS]; deep * across];
        let panels = words.par_chunks_exact_mut(deep).enumerate();
        panels.for_each(|(across, panel)| {
            for (group, words) in panel.iter_mut().enumerate() {
                let bytes: &mut [u8] = bytemuck::cast_slice_mut(words);
                for (lane, bytes) in bytes.chunks_exact_mut(GROUP).enumerate() {
                    let column = across * PANEL + lane;
                    for (offset, byte) in bytes.iter_mut().enumerate() {
                        let row = group * GROUP + offset;
                        let inside = row < rows && column < columns;
                        let number = if inside {
                            quantized(values[row * columns + column], scales[column])
                        } else {
                            0
                        };
                        *byte = (number + OFFSET) as u8;
                    }
                }
            }
        });
        Int8Panels {
            words: Cow::Owned(words),
            scales: Cow::Owned(scales),
            rows,
        }
    }

    /// Those that [`Self::into_words`] gave, of a matrix of this shape.
    pub fn of_words(words: &'a [u32], [rows, columns]: [usize; 2]) -> Self {
        let (panels, scales) = words.split_at(words.len() - columns);
        Self {
            words: Cow::Borrowed(panels.as_chunks().0),
            scales: Cow::Borrowed(bytemuck::cast_slice(scales)),
            rows,
        }
    }

    /// The panels and then the scales, to be kept.
    pub fn into_words(self) -> Vec<u32> {
        let mut words = self.words.into_owned().into_flattened();
        words.extend(self.scales.iter().map(|scale| scale.to_bits()));
        words
    }

    /// The weights as f32, row after row.
    pub fn unpack(&self) -> Vec<f32> {
        let columns = self.scales.len();
        let mut values = vec![0.0; self.rows * columns];
        for (across, panel) in self.panels(0..columns.div_ceil(PANEL)).enumerate() {
            for (group, words) in panel.iter().enumerate() {
                let bytes: &[u8] = bytemuck::cast_slice(words);
                for (index, byte) in bytes.iter().enumerate() {
                    let (row, column) = (group * GROUP + index % GROUP, across * PANEL + index / GROUP);
                    if row < self.rows && column < columns {
                        values[row * columns + column] = (i32::from(*byte) - OFFSET) as f32 * self.scales[column];
                    }
                }
            }
        }
        values
    }

    fn panels(&self, range: std::ops::Range<usize>) -> std::slice::ChunksExact<'_, [u32; WORDS]> {
        let deep = self.rows.div_ceil(GROUP);
        self.words[range.start * deep..range.end * deep].chunks_exact(deep)
    }

    /// left · matrix + bias. `left` has rows of as many numbers as the matrix has rows.
    pub fn dense(&self, left: &[f32], bias: &[f32]) -> Vec<f32> {
        let (left, columns) = (Left::quantize(left, self.rows), self.scales.len());
        let sizes = Sizes {
            rows: left.scales.len(),
            depth: self.rows,
            columns,
        };
        let mut output = vec![0.0; sizes.rows * columns];
        share(sizes, &mut output, columns, |part, output, stride| {
            self.part(&left, bias, &part, output, stride);
        });
        output
    }

    fn part(&self, left: &Left, bias: &[f32], part: &Part, output: &mut [f32], stride: usize) {
        let first_column = part.panels.start * PANEL;
        let tiles = part.rows.len() / TILE_ROWS;
        let rest = part.rows.len() % TILE_ROWS;
        let last = part.rows.end - rest;
        let packed: Vec<Vec<[i32; TILE_ROWS]>> = (0..tiles)
            .map(|tile| left.rows(part.rows.start + tile * TILE_ROWS))
            .collect();
        let two = (rest == 2).then(|| left.rows::<2>(last));
        let one = (rest == 1).then(|| left.rows::<1>(last));
        for (across, panel) in part.panels.clone().zip(self.panels(part.panels.clone())) {
            let column = across * PANEL;
            let width = PANEL.min(self.scales.len() - column);
            let (mut scales, mut added) = ([0.0; PANEL], [0.0; PANEL]);
            scales[..width].copy_from_slice(&self.scales[column..column + width]);
            added[..width].copy_from_slice(&bias[column..column + width]);
            let mut put = |row: usize, sums: &[i32; PANEL]| {
                let (own, sum) = (left.scales[row], OFFSET * left.sums[row]);
                let mut values = [0.0; PANEL];
                for lane in 0..PANEL {
                    values[lane] = (sums[lane] - sum) as f32 * (own * scales[lane]) + added[lane];
                }
                let target = &mut output[(row - part.rows.start) * stride + column - first_column..];
                match target.first_chunk_mut::<PANEL>() {
                    Some(target) if width == PANEL => *target = values,
                    _ => target[..width].copy_from_slice(&values[..width]),
                }
            };
            for (tile, left) in packed.iter().enumerate() {
                let first = part.rows.start + tile * TILE_ROWS;
                (first..)
                    .zip(&tile_sums(left, panel))
                    .for_each(|(row, sums)| put(row, sums));
            }
            if let Some(left) = &two {
                (last..)
                    .zip(&tile_sums(left, panel))
                    .for_each(|(row, sums)| put(row, sums));
            }
            if let Some(left) = &one {
                (last..)
                    .zip(&tile_sums(left, panel))
                    .for_each(|(row, sums)| put(row, sums));
            }
        }
    }
}

/// Rows of the left side as whole numbers.
struct Left {
    /// `GROUP` numbers of a row a word, zeros beyond its end.
    words: Vec<i32>,
    /// Words of a row.
    deep: usize,
    scales: Vec<f32>,
    /// Each row's sum.
    sums: Vec<i32>,
}

impl Left {
    fn quantize(values: &[f32], depth: usize) -> Self {
        let (rows, deep) = (values.len() / depth, depth.div_ceil(GROUP));
        let mut left = Self {
            words: vec![0; rows * deep],
            deep,
            scales: vec![0.0; rows],
            sums: vec![0; rows],
        };
        let blocks = (values.par_chunks(BLOCK_ROWS * depth))
            .zip(left.words.par_chunks_mut(BLOCK_ROWS * deep))
            .zip(left.scales.par_chunks_mut(BLOCK_ROWS))
            .zip(left.sums.par_chunks_mut(BLOCK_ROWS));
        blocks.for_each(|(((values, words), scales), sums)| {
            let rows = values.chunks_exact(depth).zip(words.chunks_exact_mut(deep));
            for (((values, words), scale), sum) in rows.zip(scales).zip(sums) {
                (*scale, *sum) = quantize_row(values, words);
            }
        });
        left
    }

    /// `N` rows as a tile reads them: a word of each at every depth.
    fn rows<const N: usize>(&self, first: usize) -> Vec<[i32; N]> {
        let row = |row: usize| &self.words[(first + row) * self.deep..][..self.deep];
        let mut packed = vec![[0; N]; self.deep];
        for index in 0..N {
            for (target, word) in packed.iter_mut().zip(row(index)) {
                target[index] = *word;
            }
        }
        packed
    }
}

/// A row's whole numbers; gives its scale and their sum.
fn quantize_row(values: &[f32], words: &mut [i32]) -> (f32, i32) {
    /// 1.5 · 2²³: adding it rounds to a whole number, half to even, and leaves that number in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let largest = simd::max_abs(values);
    let by = if largest > 0.0 { 127.0 / largest } else { 0.0 };
    let whole = |x: f32| ((x * by + ROUND).to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let (groups, rest) = values.as_chunks::<GROUP>();
    let mut sum = 0;
    for (word, group) in words.iter_mut().zip(groups) {
        let numbers = group.map(whole);
        sum += numbers.iter().sum::<i32>();
        *word = lanes::word(numbers);
    }
    if let (Some(word), false) = (words.last_mut(), rest.is_empty()) {
        let mut numbers = [0; GROUP];
        numbers.iter_mut().zip(rest).for_each(|(number, &x)| *number = whole(x));
        sum += numbers.iter().sum::<i32>();
        *word = lanes::word(numbers);
    }
    (largest / 127.0, sum)
}

/// The inner loop: three rows of sums; at each depth, a word of 3 rows times the vectors of the right.
#[cfg_attr(
    all(target_arch = "wasm32", feature = "relaxed-simd"),
    target_feature(enable = "relaxed-simd")
)]
fn tile_sums<const ROWS: usize>(left: &[[i32; ROWS]], right: &[[u32; WORDS]]) -> [[i32; PANEL]; ROWS] {
    let mut sums: [[I32x4; VECTORS]; ROWS] = [[lanes::zeros(); VECTORS]; ROWS];
    for (left, right) in left.iter().zip(right) {
        for (sums, &left) in sums.iter_mut().zip(left) {
            for (vector, sum) in sums.iter_mut().enumerate() {
                *sum = lanes::dot_add(left, right, vector * RIGHT_WORDS, *sum);
            }
        }
    }
    let mut tile = [[0; PANEL]; ROWS];
    for (row, sums) in tile.iter_mut().zip(sums) {
        for (target, sum) in row.as_chunks_mut().0.iter_mut().zip(sums) {
            *target = lanes::whole_numbers(sum);
        }
    }
    tile
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        (0..count as u32)
            .map(|i| ((i.wrapping_mul(2_654_435_761) ^ seed) >> 8) as f32 / (1 << 23) as f32 - 1.0)
            .collect()
    }

    /// The whole numbers of a row and their scale, in plain words.
    fn plain(row: &[f32]) -> (Vec<i64>, f64) {
        let largest = row.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let by = if largest > 0.0 { 127.0 / largest } else { 0.0 };
        let whole = row.iter().map(|x| (x * by).round_ties_even() as i64).collect();
        (whole, f64::from(largest) / 127.0)
    }

    #[test]
    fn products_equal_those_of_the_whole_numbers() {
        for (rows, depth, columns) in [
            (1, 3, 5),
            (2, 64, 12),
            (3, 7, 13),
            (16, 384, 100),
            (50, 33, 31),
            (130, 65, 24),
        ] {
            let (mut x, w, bias) = (
                numbers(rows * depth, 1),
                numbers(depth * columns, 2),
                numbers(columns, 3),
            );
            x[..depth].fill(0.0);
            let kept = Int8Panels::pack(&w, [depth, columns]);
            let words = kept.clone().into_words();
            let kept = Int8Panels::of_words(&words, [depth, columns]);
            let back = kept.unpack();
            let found = kept.dense(&x, &bias);
            for (row, x) in x.chunks_exact(depth).enumerate() {
                let (whole, scale) = plain(x);
                for column in 0..columns {
                    let w = |p: usize| f64::from(back[p * columns + column]);
                    let expected: f64 = (0..depth).map(|p| whole[p] as f64 * scale * w(p)).sum();
                    let error = f64::from(found[row * columns + column]) - expected - f64::from(bias[column]);
                    assert!(
                        error.abs() < 1e-5,
                        "{rows}x{depth}x{columns} at {row}, {column}: {error}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_kept_is_near_and_stays_what_it_is() {
        let w = numbers(40 * 30, 7);
        let kept = Int8Panels::pack(&w, [40, 30]).unpack();
        for (x, y) in w.iter().zip(&kept) {
            assert!((x - y).abs() <= 0.51 / 63.0, "{x} as {y}");
        }
        assert_eq!(Int8Panels::pack(&kept, [40, 30]).unpack(), kept);
    }
}
