//! A part of a product, natively: register tiles as wide as the processor's vectors, which pulp finds out as the program
//! runs. All is inlined into the function that pulp compiles for those vectors.

use pulp::{Arch, Simd, WithSimd};

use super::{
    matmul::Accumulate,
    matrix::Matrix,
    panels::{DEPTH, Panels, pack},
    parts::{PANEL, Part, put_row},
};

/// The part of left · right + accumulate; `output` begins at the part's first element.
pub fn matmul_part(
    left: Matrix,
    right: &Panels,
    part: &Part,
    accumulate: Accumulate,
    output: &mut [f32],
    stride: usize,
) {
    Arch::new().dispatch(Product {
        left,
        right,
        part,
        accumulate,
        output: Output {
            values: output,
            columns: part.columns(right.columns).len(),
            stride,
        },
    });
}

/// Depths that one turn of the inner loop takes.
const UNROLLED: usize = 4;
/// Panels, in the second-level cache, that a tile of the left side takes one after the other. One at a time, the rows of a wide
/// output, thousands of bytes apart, drove each other out of the first-level cache: a third slower at 3,072 columns.
const GROUP: usize = 8;

struct Product<'a> {
    left: Matrix<'a>,
    right: &'a Panels<'a>,
    part: &'a Part,
    accumulate: Accumulate<'a>,
    output: Output<'a>,
}

impl WithSimd for Product<'_> {
    type Output = ();

    /// Tiles that leave registers for the right and the left: 24 sums of 32 with AVX-512 and NEON, 12 of 16 with AVX2.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.compute::<S, 12, 1, 2>(simd),
            8 => self.compute::<S, 6, 2, 1>(simd),
            4 => self.compute::<S, 6, 4, 1>(simd),
            _ => self.compute::<S, 2, PANEL, 1>(simd),
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn compute<S: Simd, const ROWS: usize, const VECTORS: usize, const PANELS: usize>(self, simd: S) {
        let Self { right, part, .. } = self;
        let mut output = self.output;
        // Read as columns of its transpose, so that one packing serves both sides.
        let left = self.left.transposed();
        let tiles = part.rows.len().div_ceil(ROWS);
        let mut packed = vec![[0.0; ROWS]; tiles * DEPTH.min(right.rows)];
        let mut sums = [[[0.0; PANEL]; ROWS]; PANELS];
        for (index, slab) in right.slabs().enumerate() {
            let packed = &mut packed[..tiles * slab.depth];
            for (tile, panel) in packed.chunks_exact_mut(slab.depth).enumerate() {
                pack(left, index * DEPTH, part.rows.start + tile * ROWS, panel);
            }
            let adds = index > 0 || matches!(self.accumulate, Accumulate::Output);
            let row = match self.accumulate {
                Accumulate::Row(values) if index == 0 => Some(&values[part.columns(right.columns)]),
                _ => None,
            };
            let mut first_panel = part.panels.start;
            while first_panel < part.panels.end {
                let group = first_panel..part.panels.end.min(first_panel + GROUP);
                for (tile, left) in packed.chunks_exact(slab.depth).enumerate() {
                    let first = tile * ROWS;
                    let count = ROWS.min(part.rows.len() - first);
                    let mut column = (group.start - part.panels.start) * PANEL;
                    let mut panels = slab.panels(group.clone());
                    while let Some(panel) = panels.next() {
                        let second = if PANELS == 2 { panels.next() } else { None };
                        if let Some(second) = second {
                            let both = std::array::from_fn(|place| if place == 0 { panel } else { second });
                            tile_sums::<S, ROWS, VECTORS, PANELS>(simd, left, both, &mut sums);
                            output.put(first, column + PANEL, &sums[PANELS - 1][..count], adds, row);
                        } else {
                            let sums = std::array::from_mut(&mut sums[0]);
                            tile_sums::<S, ROWS, VECTORS, 1>(simd, left, [panel], sums);
                        }
                        output.put(first, column, &sums[0][..count], adds, row);
                        column += if second.is_some() { 2 * PANEL } else { PANEL };
                    }
                }
                first_panel = group.end;
            }
        }
    }
}

/// The inner loop, where all the time goes: at each depth, `ROWS` numbers of the left times the vectors of the right.
#[inline(always)]
fn tile_sums<S: Simd, const ROWS: usize, const VECTORS: usize, const PANELS: usize>(
    simd: S,
    left: &[[f32; ROWS]],
    right: [&[[f32; PANEL]]; PANELS],
    tile: &mut [[[f32; PANEL]; ROWS]; PANELS],
) {
    let mut sums = [[[simd.splat_f32s(0.0); VECTORS]; PANELS]; ROWS];
    let right = right.map(|panel| &panel[..left.len()]);
    let (blocks, rest) = left.as_chunks::<UNROLLED>();
    let right_blocks = right.map(|panel| &panel.as_chunks::<UNROLLED>().0[..blocks.len()]);
    for (index, block) in blocks.iter().enumerate() {
        for step in 0..UNROLLED {
            let right = right_blocks.map(|panel| &panel[index][step]);
            add_products::<S, ROWS, VECTORS, PANELS>(simd, &block[step], right, &mut sums);
        }
    }
    for (index, left) in rest.iter().enumerate() {
        let right = right.map(|panel| &panel[blocks.len() * UNROLLED + index]);
        add_products::<S, ROWS, VECTORS, PANELS>(simd, left, right, &mut sums);
    }
    for row in 0..ROWS {
        for panel in 0..PANELS {
            let (stored, _) = S::as_mut_simd_f32s(&mut tile[panel][row]);
            stored[..VECTORS].copy_from_slice(&sums[row][panel]);
        }
    }
}

/// Those of one depth.
#[inline(always)]
fn add_products<S: Simd, const ROWS: usize, const VECTORS: usize, const PANELS: usize>(
    simd: S,
    left: &[f32; ROWS],
    right: [&[f32; PANEL]; PANELS],
    sums: &mut [[[S::f32s; VECTORS]; PANELS]; ROWS],
) {
    let mut vectors = [[simd.splat_f32s(0.0); VECTORS]; PANELS];
    for panel in 0..PANELS {
        let (loaded, _) = S::as_simd_f32s(right[panel]);
        vectors[panel].copy_from_slice(&loaded[..VECTORS]);
    }
    for row in 0..ROWS {
        let left = simd.splat_f32s(left[row]);
        for panel in 0..PANELS {
            for vector in 0..VECTORS {
                let sum = &mut sums[row][panel][vector];
                *sum = simd.mul_add_e_f32s(left, vectors[panel][vector], *sum);
            }
        }
    }
}

/// A part of the output.
struct Output<'a> {
    values: &'a mut [f32],
    columns: usize,
    stride: usize,
}

impl Output<'_> {
    /// Puts rows of a tile, from (`first`, `column`) on: added to what is there, or to `row`, or to nothing.
    #[inline(always)]
    fn put(&mut self, first: usize, column: usize, sums: &[[f32; PANEL]], adds: bool, row: Option<&[f32]>) {
        let width = PANEL.min(self.columns - column);
        let mut base = [0.0; PANEL];
        if let Some(row) = row {
            base[..width].copy_from_slice(&row[column..column + width]);
        }
        for (index, sums) in sums.iter().enumerate() {
            let target = &mut self.values[(first + index) * self.stride + column..];
            put_row(target, sums, width, if adds { None } else { Some(&base) });
        }
    }
}

#[cfg(test)]
mod tests {
    use pulp::{Scalar, Scalar128b, Scalar256b, Scalar512b};

    use super::*;

    /// As [`matmul_part`] on a processor with such vectors.
    fn product(simd: impl Simd, left: Matrix, right: Matrix, row: &[f32]) -> Vec<f32> {
        let panels = Panels::pack(right);
        let part = Part {
            rows: 0..left.rows,
            panels: 0..right.columns.div_ceil(PANEL),
        };
        let mut values = vec![9.0; left.rows * right.columns];
        Product {
            left,
            right: &panels,
            part: &part,
            accumulate: Accumulate::Row(row),
            output: Output {
                values: &mut values,
                columns: right.columns,
                stride: right.columns,
            },
        }
        .with_simd(simd);
        values
    }

    /// pulp knows only the vectors that its features name.
    #[test]
    #[cfg(target_arch = "x86_64")]
    fn the_processors_widest_vectors_are_taken() {
        struct Lanes;
        impl WithSimd for Lanes {
            type Output = usize;

            fn with_simd<S: Simd>(self, _: S) -> usize {
                S::F32_LANES
            }
        }
        let has_256 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let expected = match is_x86_feature_detected!("avx512f") {
            true => 16,
            false if has_256 => 8,
            false => 1,
        };
        assert_eq!(Arch::new().dispatch(Lanes), expected);
    }

    #[test]
    fn vectors_of_every_width_give_the_same_product() {
        for (rows, depth, columns) in [(1, 3, 2), (12, 4, 32), (13, 257, 47), (25, 600, 16), (30, 9, 80)] {
            let numbers = |count: usize| -> Vec<f32> { (0..count).map(|i| (i * 7 % 23) as f32 / 8.0 - 1.0).collect() };
            let (a, b, row) = (numbers(rows * depth), numbers(depth * columns), numbers(columns));
            let left = Matrix::rows_of(&a, rows, depth, depth);
            let right = Matrix::rows_of(&b, depth, columns, columns);
            let expected = product(Scalar, left, right, &row);
            for (lanes, found) in [
                (4, product(Scalar128b, left, right, &row)),
                (8, product(Scalar256b, left, right, &row)),
                (16, product(Scalar512b, left, right, &row)),
            ] {
                for (index, (x, y)) in found.iter().zip(&expected).enumerate() {
                    assert!(
                        (x - y).abs() < 1e-5 * depth as f32,
                        "{rows}x{depth}x{columns}, {lanes} lanes, at {index}: {x}, expected {y}"
                    );
                }
            }
        }
    }
}
