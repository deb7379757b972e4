//! The safetensors format as it is written.

use safetensors::{
    Dtype,
    tensor::{Metadata, TensorInfo},
};

use crate::{Error, Result};

/// A tensor of a file: its name, number type, shape and bytes.
pub(crate) type Saved = (String, Dtype, Vec<usize>, Vec<u8>);

/// A file up to its first tensor: the header's length, and the header, with `metadata` beside the format's own. `tensors` are
/// names, number types and shapes. Gives also the order in which their bytes follow: those of wider numbers first, so that
/// each is aligned.
///
/// # Errors
/// `bad-weights` where the crate refuses to write it.
pub(super) fn start(
    file: &'static str,
    tensors: &[(&str, Dtype, &[usize])],
    metadata: Vec<(String, String)>,
) -> Result<(Vec<u8>, Vec<usize>)> {
    let mut order = Vec::with_capacity(tensors.len());
    for bits in [64, 32, 16, 8] {
        order.extend((0..tensors.len()).filter(|&at| tensors[at].1.bitsize() == bits));
    }
    let mut end = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for &at in &order {
        let (name, dtype, shape) = tensors[at];
        let begin = end;
        end += byte_count(dtype, shape);
        let info = TensorInfo {
            dtype,
            shape: shape.to_vec(),
            data_offsets: (begin, end),
        };
        infos.push((name.to_owned(), info));
    }
    let own = [("format".to_owned(), "pt".to_owned())];
    let metadata = metadata.into_iter().chain(own).collect();
    let refused = |error: String| Error::bad_weights(file, format!("could not be written: {error}"));
    let header = Metadata::new(Some(metadata), infos).map_err(|error| refused(error.to_string()))?;
    let header = serde_json::to_string(&header).map_err(|error| refused(error.to_string()))?;
    let mut header = header.into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut start = (header.len() as u64).to_le_bytes().to_vec();
    start.append(&mut header);
    Ok((start, order))
}

/// Bytes of a tensor.
pub(super) fn byte_count(dtype: Dtype, shape: &[usize]) -> usize {
    shape.iter().product::<usize>() * dtype.bitsize() / 8
}

/// The bytes of a file, with `metadata` beside the format's own.
///
/// # Errors
/// `bad-weights` where the crate refuses to write it.
pub(crate) fn write_safetensors(
    file: &'static str,
    tensors: &[Saved],
    metadata: Vec<(String, String)>,
) -> Result<Vec<u8>> {
    let infos: Vec<_> = tensors
        .iter()
        .map(|(name, dtype, shape, _)| (name.as_str(), *dtype, shape.as_slice()))
        .collect();
    let (mut bytes, order) = start(file, &infos, metadata)?;
    for at in order {
        bytes.extend_from_slice(&tensors[at].3);
    }
    Ok(bytes)
}

/// Floats as a file has them.
pub(crate) fn float_bytes(values: &[f32]) -> Vec<u8> {
    // Of its size from the beginning: a vector that grows takes half as much again.
    let mut bytes = vec![0; 4 * values.len()];
    for (place, value) in bytes.chunks_exact_mut(4).zip(values) {
        place.copy_from_slice(&value.to_le_bytes());
    }
    bytes
}
