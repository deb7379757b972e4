//! How matrices that no run changes are stored, and the 7-bit whole numbers that stand for weights.

use burn::tensor::DType;

/// The number format of kept matrices, named as in the JavaScript API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// 32-bit floats: on a GPU 16-bit ones for a matrix that they hold exactly.
    F32,
    /// 16-bit floats, rounded; 32-bit ones for a matrix with a magnitude of 64 or more.
    F16,
    /// Whole numbers from -63 to 63, with a scale for each output or each row of a table. A dense layer's inputs become whole
    /// numbers from -127 to 127 as they come, on the CPU.
    Int8,
}

/// What a matrix is for, which says how its scales run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A dense layer's weight `[in, out]`: a scale an output.
    Dense,
    /// A table of embeddings `[rows, hidden]`: a scale a row.
    Table,
}

/// The number types of tensors that are kept as whole numbers. Tensors of weights must be of burn's float types, and these
/// two have no other use here: an operation that takes one for numbers of that type panics.
const TYPES: [(DType, Role); 2] = [(DType::BF16, Role::Dense), (DType::F64, Role::Table)];

/// The number type of a matrix of this role that is kept as whole numbers.
pub fn int8_type(role: Role) -> DType {
    match role {
        Role::Dense => TYPES[0].0,
        Role::Table => TYPES[1].0,
    }
}

/// The role of a matrix that is kept as whole numbers, by its number type.
pub fn int8_role(dtype: DType) -> Option<Role> {
    let found = TYPES.iter().find(|(own, _)| *own == dtype);
    found.map(|(_, role)| *role)
}

/// Bytes of an element as it is kept, without scales.
pub fn element_bytes(dtype: DType) -> usize {
    match int8_role(dtype) {
        Some(_) => 1,
        None => dtype.size(),
    }
}

/// The largest whole number.
pub const LARGEST: f32 = 63.0;

/// A scale for weights up to a magnitude. It has 17 bits, so that its products with the whole numbers are exact, and those
/// products have the same scale again.
pub fn scale(largest: f32) -> f32 {
    let scale = f32::from_bits((largest / LARGEST).to_bits() & !0x7f);
    if scale > 0.0 { scale } else { 1.0 }
}

/// The nearest whole number to x / scale, half away from zero.
pub fn quantized(x: f32, scale: f32) -> i32 {
    (x / scale).round().clamp(-LARGEST, LARGEST) as i32
}

/// The scales of a matrix, row after row: of its columns or of its rows, as its role has it.
pub fn scales(values: &[f32], columns: usize, role: Role) -> Vec<f32> {
    let rows = values.chunks_exact(columns);
    let largest = |row: &[f32]| row.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    match role {
        Role::Table => rows.map(|row| scale(largest(row))).collect(),
        Role::Dense => {
            let mut most = vec![0.0f32; columns];
            for row in rows {
                most.iter_mut().zip(row).for_each(|(most, x)| *most = most.max(x.abs()));
            }
            most.into_iter().map(scale).collect()
        }
    }
}

/// The whole numbers of a matrix as bytes, row after row, and a scale for each row.
pub fn to_int8_rows(values: &[f32], columns: usize) -> (Vec<u8>, Vec<f32>) {
    let scales = int8_row_scales(values, columns);
    let mut numbers = Vec::with_capacity(values.len());
    for (row, &scale) in values.chunks_exact(columns).zip(&scales) {
        numbers.extend(row.iter().map(|&x| byte(quantized(x, scale))));
    }
    (numbers, scales)
}

/// The scales alone.
pub fn int8_row_scales(values: &[f32], columns: usize) -> Vec<f32> {
    scales(values, columns, Role::Table)
}

/// A whole number as the byte that stands for it.
pub fn byte(number: i32) -> u8 {
    number.to_le_bytes()[0]
}
