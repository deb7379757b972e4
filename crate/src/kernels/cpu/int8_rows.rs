//! A table that is kept as whole numbers of 7 bits, one scale a row: the word embeddings.

use crate::kernels::int8::to_int8_rows;

/// The table's rows, one byte a number, and then a scale of four bytes for each.
#[derive(Debug, Clone, Copy)]
pub struct Int8Rows<'a> {
    numbers: &'a [i8],
    scales: &'a [u8],
    columns: usize,
}

impl<'a> Int8Rows<'a> {
    /// The bytes of a table, to be kept.
    pub fn pack(values: &[f32], columns: usize) -> Vec<u8> {
        let (mut bytes, scales) = to_int8_rows(values, columns);
        bytes.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
        bytes
    }

    /// What [`Self::pack`] gave, of a table of this shape.
    pub fn of_bytes(bytes: &'a [u8], [rows, columns]: [usize; 2]) -> Self {
        let (numbers, scales) = bytes.split_at(rows * columns);
        Self {
            numbers: bytemuck::cast_slice(numbers),
            scales,
            columns,
        }
    }

    /// A row's numbers.
    pub fn row(self, row: usize) -> impl Iterator<Item = f32> + 'a {
        let bytes = self.scales.as_chunks::<4>().0[row];
        let scale = f32::from_le_bytes(bytes);
        let numbers = &self.numbers[row * self.columns..][..self.columns];
        numbers.iter().map(move |&number| f32::from(number) * scale)
    }

    /// The rows of this range, one after the other.
    pub fn rows(self, range: std::ops::Range<usize>) -> Vec<f32> {
        let mut values = Vec::with_capacity(range.len() * self.columns);
        range.for_each(|row| values.extend(self.row(row)));
        values
    }
}
