//! Matrix products: the operands' form, the tile for this adapter, and the epilogue.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    forms::{MatmulEpilogue, MatmulOperands, MatmulTile, MatmulTransposed},
    shader::{Bound, empty, groups, is_f16, launch, read, read_stored, write},
    tiling,
};
use crate::{
    device::gpu_traits,
    kernels::ops::{
        attention::AttentionShape,
        matmul::{MatmulKernel, Transposed},
        to_f32::ToF32Kernel,
    },
};

/// Strides of a matrix in elements: from row to row, from head to head, from text to text.
#[derive(Clone, Copy)]
pub(super) struct Stride {
    row: usize,
    head: usize,
    batch: usize,
}

impl Stride {
    /// A single matrix.
    pub fn matrix(row: usize) -> Self {
        Self { row, head: 0, batch: 0 }
    }

    /// A head of `[batch * seq_len, heads * head_dim]`.
    pub fn head(shape: &AttentionShape) -> Self {
        let row = shape.heads * shape.head_dim;
        Self {
            row,
            head: shape.head_dim,
            batch: shape.seq_len * row,
        }
    }

    /// A head of `[batch, heads, seq_len, seq_len rounded up to a multiple of 4]`.
    pub fn scores(shape: &AttentionShape) -> Self {
        let row = shape.seq_len.next_multiple_of(4);
        let head = shape.seq_len * row;
        Self {
            row,
            head,
            batch: shape.heads * head,
        }
    }

    fn is_vec4(&self) -> bool {
        [self.row, self.head, self.batch].iter().all(|by| by.is_multiple_of(4))
    }
}

/// One matrix product, or one for each head of each text.
pub(super) struct Matmul<'a> {
    pub rows: usize,
    pub columns: usize,
    pub depth: usize,
    pub heads: usize,
    pub batch: usize,
    pub transposed: Option<Transposed>,
    pub left: (&'a CubeTensor, Stride),
    pub right: (&'a CubeTensor, Stride),
    pub output: (&'a CubeTensor, Stride),
}

impl Matmul<'_> {
    /// Computes it. `buffers` are those that the epilogue binds.
    pub fn run(&self, epilogue: MatmulEpilogue, buffers: Vec<Bound>) {
        let client = &self.output.0.client;
        let matrices = self.heads * self.batch;
        let is_vec4 = [self.left.1, self.right.1, self.output.1].iter().all(Stride::is_vec4);
        let (tile, workgroups) = self.tile(matrices);
        // The scalar form reads no 16-bit floats.
        let right = self.right.0.clone();
        let (operands, right) = match (is_vec4, is_f16(&right)) {
            (true, true) => (MatmulOperands::Vec4F16, right),
            (true, false) => (MatmulOperands::Vec4F32, Cube::to_f32(right)),
            (false, _) => (MatmulOperands::ScalarF32, Cube::to_f32(right)),
        };
        let transposed = match self.transposed {
            None => MatmulTransposed::None,
            Some(Transposed::Left) => MatmulTransposed::Left,
            Some(Transposed::Right) => MatmulTransposed::Right,
        };
        let mut bound = vec![read(self.left.0), read_stored(&right), write(self.output.0)];
        bound.extend(buffers);
        let [left, right, output] = [self.left.1, self.right.1, self.output.1];
        launch! {
            "matmul/matmul" {
                MatmulOperands: operands,
                MatmulTransposed: transposed,
                MatmulTile: tile,
                MatmulEpilogue: epilogue,
            },
            client: client,
            workgroups: workgroups,
            buffers: &bound,
            uniforms: {
                rows: self.rows,
                columns: self.columns,
                depth: self.depth,
                heads: self.heads,
                matrices: matrices,
                left_row: left.row,
                left_head: left.head,
                left_batch: left.batch,
                right_row: right.row,
                right_head: right.head,
                right_batch: right.batch,
                output_row: output.row,
                output_head: output.head,
                output_batch: output.batch,
            },
        }
    }

    /// The tile, and the workgroups that it takes.
    fn tile(&self, matrices: usize) -> (MatmulTile, [usize; 3]) {
        let (rows, columns) = (self.rows, self.columns);
        if gpu_traits(&self.output.0.device).software {
            // Measured on SwiftShader. Larger tiles are not faster, and take seconds to compile.
            let (tile, tile_columns) = match matrices > 1 {
                true => (MatmulTile::Registers4x2, 2),
                false => (MatmulTile::Registers4x8, 8),
            };
            let tiles = rows.div_ceil(4 * 4) * columns.div_ceil(4 * tile_columns) * matrices;
            return (tile, groups(tiles.div_ceil(8)));
        }
        tiling::choose(&self.output.0.device, rows, columns, matrices)
    }
}

impl MatmulKernel for Cube {
    /// left · right, one of them transposed where `transposed` says so, added to `accumulate` where there is one.
    fn matmul(
        left: CubeTensor,
        right: CubeTensor,
        transposed: Option<Transposed>,
        accumulate: Option<CubeTensor>,
    ) -> CubeTensor {
        let [left, right] = [left, right].map(into_contiguous);
        let ([left_rows, left_columns], [right_rows, right_columns]) = (left.shape().dims(), right.shape().dims());
        let (rows, columns, depth) = match transposed {
            None => (left_rows, right_columns, left_columns),
            Some(Transposed::Left) => (left_columns, right_columns, left_rows),
            Some(Transposed::Right) => (left_rows, right_rows, left_columns),
        };
        let output = empty(&left, [rows, columns]);
        let matmul = Matmul {
            rows,
            columns,
            depth,
            heads: 1,
            batch: 1,
            transposed,
            left: (&left, Stride::matrix(left_columns)),
            right: (&right, Stride::matrix(right_columns)),
            output: (&output, Stride::matrix(columns)),
        };
        match accumulate.map(|total| into_contiguous(Self::to_f32(total))) {
            None => matmul.run(MatmulEpilogue::None, Vec::new()),
            Some(total) => matmul.run(MatmulEpilogue::Accumulate, vec![read(&total)]),
        }
        output
    }
}
