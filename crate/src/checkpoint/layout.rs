//! How a file lays out a parameter, compared with how the module keeps it.

/// A matrix of a file against the module's. Values are row-major in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The same.
    Same,
    /// The file has `[out, in]` (torch's `Linear`); the module has `[in, out]`.
    Transposed,
}

impl Layout {
    /// The shape in the file of a parameter of this shape; and the other way round.
    pub fn file_shape(self, shape: &[usize]) -> Vec<usize> {
        match self {
            Self::Same => shape.to_vec(),
            Self::Transposed => shape.iter().rev().copied().collect(),
        }
    }

    /// A parameter's values, of the module's `shape`, as the file has them.
    pub fn to_file(self, values: Vec<f32>, shape: &[usize]) -> Vec<f32> {
        match self {
            Self::Same => values,
            Self::Transposed => transpose(&values, shape[0], shape[1]),
        }
    }

    /// A file's values as those of a parameter of the module's `shape`.
    pub fn from_file(self, values: Vec<f32>, shape: &[usize]) -> Vec<f32> {
        match self {
            Self::Same => values,
            Self::Transposed => transpose(&values, shape[1], shape[0]),
        }
    }
}

/// `[rows, columns]` to `[columns, rows]`, in tiles that stay in the cache.
pub fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    const TILE: usize = 32;
    let mut out = vec![0.0; values.len()];
    for row_tile in (0..rows).step_by(TILE) {
        for column_tile in (0..columns).step_by(TILE) {
            for row in row_tile..(row_tile + TILE).min(rows) {
                for column in column_tile..(column_tile + TILE).min(columns) {
                    out[column * rows + row] = values[row * columns + column];
                }
            }
        }
    }
    out
}
