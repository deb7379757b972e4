//! The right side of a product as its inner loop reads it: panels of 256 rows by `PANEL` columns (Goto and van de Geijn 2008).
//!
//! They are packed for one product, or once and kept, where no product changes the matrix.

use std::borrow::Cow;

use rayon::prelude::*;

use super::{matrix::Matrix, parts::PANEL, simd::widest};

/// Length of a panel: it and a tile of the left side stay in the first-level cache.
pub const DEPTH: usize = 256;
/// Numbers of a slab of the right side below which threads cost more than they save in packing it.
const WORTH_PACKING: usize = 1 << 16;

/// A matrix in panels, slab of `DEPTH` rows after slab, zeros beyond its edge.
#[derive(Debug, Clone)]
pub struct Panels<'a> {
    rows_of_panels: Cow<'a, [[f32; PANEL]]>,
    pub rows: usize,
    pub columns: usize,
}

impl<'a> Panels<'a> {
    /// Those of a matrix.
    pub fn pack(matrix: Matrix) -> Panels<'static> {
        let across = matrix.columns.div_ceil(PANEL);
        let mut panels = vec![[0.0; PANEL]; matrix.rows * across];
        for (index, slab) in panels.chunks_mut(DEPTH * across).enumerate() {
            let (first, depth) = (index * DEPTH, slab.len() / across);
            let fill = |(column, panel): (usize, &mut [_])| {
                pack_panel(matrix, first, column * PANEL, panel);
            };
            match slab.len() * PANEL > WORTH_PACKING {
                true => slab.par_chunks_exact_mut(depth).enumerate().for_each(fill),
                false => slab.chunks_exact_mut(depth).enumerate().for_each(fill),
            }
        }
        Panels {
            rows_of_panels: Cow::Owned(panels),
            rows: matrix.rows,
            columns: matrix.columns,
        }
    }

    /// Those that [`Self::into_values`] gave, of a matrix of this shape.
    pub fn of_values(values: &'a [f32], [rows, columns]: [usize; 2]) -> Self {
        Self {
            rows_of_panels: Cow::Borrowed(values.as_chunks().0),
            rows,
            columns,
        }
    }

    /// The panels' numbers, to be kept.
    pub fn into_values(self) -> Vec<f32> {
        self.rows_of_panels.into_owned().into_flattened()
    }

    /// The matrix, row after row.
    pub fn unpack(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.rows * self.columns];
        for (index, slab) in self.slabs().enumerate() {
            for (across, panel) in slab.panels(0..self.across()).enumerate() {
                let column = across * PANEL;
                let width = PANEL.min(self.columns - column);
                for (offset, row) in panel.iter().enumerate() {
                    let start = (index * DEPTH + offset) * self.columns + column;
                    values[start..start + width].copy_from_slice(&row[..width]);
                }
            }
        }
        values
    }

    /// The slabs, from the first rows to the last.
    pub fn slabs(&self) -> impl Iterator<Item = Slab<'_>> {
        let across = self.across();
        let slabs = self.rows_of_panels.chunks(DEPTH * across);
        slabs.map(move |rows| Slab {
            rows,
            depth: rows.len() / across,
        })
    }

    fn across(&self) -> usize {
        self.columns.div_ceil(PANEL)
    }
}

/// The panels of `depth` rows of the matrix.
pub struct Slab<'a> {
    rows: &'a [[f32; PANEL]],
    pub depth: usize,
}

impl<'a> Slab<'a> {
    /// The panels of this range, side by side.
    pub fn panels(&self, range: std::ops::Range<usize>) -> std::slice::ChunksExact<'a, [f32; PANEL]> {
        self.rows[range.start * self.depth..range.end * self.depth].chunks_exact(self.depth)
    }
}

widest! {
    fn pack_panel<'a>(matrix: Matrix<'a>, row: usize, column: usize, panel: &'a mut [[f32; PANEL]]) {
        pack(matrix, row, column, panel);
    }
}

/// Copies the part of `matrix` that begins at (`row`, `column`) into rows of `N`.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub fn pack<const N: usize>(matrix: Matrix, row: usize, column: usize, panel: &mut [[f32; N]]) {
    let width = N.min(matrix.columns - column);
    if matrix.column_stride == 1 {
        for (offset, target) in panel.iter_mut().enumerate() {
            let start = matrix.at(row + offset, column);
            match matrix.values[start..].first_chunk::<N>() {
                Some(source) if width == N => *target = *source,
                _ => target[..width].copy_from_slice(&matrix.values[start..start + width]),
            }
        }
    } else if matrix.row_stride == 1 && width == N {
        // Rows of the transpose, side by side.
        let depth = panel.len();
        let mut sources = [&matrix.values[..0]; N];
        for (lane, source) in sources.iter_mut().enumerate() {
            *source = &matrix.values[matrix.at(row, column + lane)..][..depth];
        }
        for (index, target) in panel.iter_mut().enumerate() {
            for lane in 0..N {
                target[lane] = sources[lane][index];
            }
        }
    } else {
        for lane in 0..width {
            let start = matrix.at(row, column + lane);
            let source = matrix.values[start..].iter().step_by(matrix.row_stride);
            for (target, value) in panel.iter_mut().zip(source) {
                target[lane] = *value;
            }
        }
    }
}
