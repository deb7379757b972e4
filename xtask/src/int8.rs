//! The default checkpoint in a quarter of its size: what `classifier.save({ dtype: "int8" })` writes, without a browser.
//!
//! Takes model.safetensors and config.json in f32, gives both in int8. The rule is that of crate/src/kernels/storage.rs: a
//! browser test holds the site's file against the library's own.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// The largest whole number.
const LARGEST: f32 = 63.0;

/// A tensor of a safetensors file.
struct Tensor {
    name: String,
    dtype: String,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// model.safetensors with the encoder's matrices and the word embeddings as whole numbers, one scale a row.
///
/// # Errors
/// Says what was found in place of a safetensors file in f32.
pub fn weights(file: &[u8]) -> Result<Vec<u8>> {
    let mut tensors = Vec::new();
    for tensor in read(file)? {
        match (is_kept(&tensor), tensor.dtype.as_str()) {
            (true, "F32") => tensors.extend(quantize(tensor)),
            (true, found) => bail!("{}: F32 was expected, {found} was found", tensor.name),
            // Numbers of positions, which no class reads.
            (false, "I64") => {}
            (false, _) => tensors.push(tensor),
        }
    }
    write(tensors)
}

/// config.json with what transformers needs to read such a file.
///
/// # Errors
/// Where it is no JSON object.
pub fn config(text: &str) -> Result<String> {
    let mut config: Map<String, Value> = serde_json::from_str(text).context("config.json")?;
    config.insert(
        "quantization_config".into(),
        json!({
            "quant_method": "compressed-tensors",
            "format": "int-quantized",
            "quantization_status": "compressed",
            "config_groups": {
                "group_0": {
                    "targets": ["Linear", "embeddings.word_embeddings"],
                    "format": "int-quantized",
                    "weights": { "num_bits": 8, "type": "int", "symmetric": true, "strategy": "channel" },
                },
            },
            "ignore": ["pooler.dense"],
        }),
    );
    Ok(format!("{:#}\n", Value::Object(config)))
}

fn is_kept(tensor: &Tensor) -> bool {
    let is_word_table = tensor.name.ends_with("embeddings.word_embeddings.weight");
    let is_dense = tensor.name.contains("encoder.layer.") && tensor.name.ends_with(".weight");
    tensor.shape.len() == 2 && (is_word_table || is_dense)
}

fn quantize(tensor: Tensor) -> Vec<Tensor> {
    let Tensor { name, shape, bytes, .. } = tensor;
    let values = bytes.as_chunks().0.iter().copied().map(f32::from_le_bytes);
    let values: Vec<f32> = values.collect();
    let (mut numbers, mut scales) = (Vec::with_capacity(values.len()), Vec::new());
    for row in values.chunks_exact(shape[1]) {
        let largest = row.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        // 17 bits, so that products with whole numbers of 7 bits are exact.
        let scale = f32::from_bits((largest / LARGEST).to_bits() & !0x7f);
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let number = |x: &f32| (x / scale).round().clamp(-LARGEST, LARGEST) as i8;
        numbers.extend(row.iter().map(|x| number(x).cast_unsigned()));
        scales.extend(scale.to_le_bytes());
    }
    let scale = Tensor {
        name: format!("{name}_scale"),
        dtype: "F32".into(),
        shape: vec![shape[0], 1],
        bytes: scales,
    };
    let numbers = Tensor {
        name,
        dtype: "I8".into(),
        shape,
        bytes: numbers,
    };
    vec![numbers, scale]
}

fn read(file: &[u8]) -> Result<Vec<Tensor>> {
    let (length, rest) = file.split_first_chunk::<8>().context("no safetensors file")?;
    let length = usize::try_from(u64::from_le_bytes(*length))?;
    let (header, data) = rest.split_at_checked(length).context("a cut safetensors file")?;
    let header: Map<String, Value> = serde_json::from_slice(header)?;
    let mut tensors = Vec::new();
    for (name, about) in header.into_iter().filter(|(name, _)| name != "__metadata__") {
        let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
        let numbers = |key: &str| {
            about[key]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(number)
                .collect::<Vec<_>>()
        };
        let (shape, offsets) = (numbers("shape"), numbers("data_offsets"));
        let (Some(dtype), &[start, end]) = (about["dtype"].as_str(), &offsets[..]) else {
            bail!("{name}: a number type and two offsets were expected, {about} was found");
        };
        let bytes = data.get(start..end).context("a cut safetensors file")?;
        tensors.push(Tensor {
            name,
            dtype: dtype.to_owned(),
            shape,
            bytes: bytes.to_vec(),
        });
    }
    Ok(tensors)
}

/// In the order of the safetensors crate: wide numbers first, then by name.
fn write(mut tensors: Vec<Tensor>) -> Result<Vec<u8>> {
    tensors.sort_by(|a, b| (a.dtype == "I8", &a.name).cmp(&(b.dtype == "I8", &b.name)));
    let mut header = Map::new();
    header.insert("__metadata__".into(), json!({ "format": "pt" }));
    let mut end = 0;
    for tensor in &tensors {
        let start = end;
        end += tensor.bytes.len();
        let about = json!({ "dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [start, end] });
        header.insert(tensor.name.clone(), about);
    }
    let mut header = serde_json::to_vec(&Value::Object(header))?;
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = u64::try_from(header.len())?.to_le_bytes().to_vec();
    file.extend(header);
    for tensor in tensors {
        file.extend(tensor.bytes);
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_become_whole_numbers_and_the_rest_stays() {
        let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let tensor = |name: &str, shape: &[usize], values: &[f32]| Tensor {
            name: name.into(),
            dtype: "F32".into(),
            shape: shape.to_vec(),
            bytes: floats(values),
        };
        let file = write(vec![
            tensor("encoder.layer.0.output.dense.weight", &[2, 2], &[6.3, -0.1, 0.0, 0.0]),
            tensor("encoder.layer.0.output.LayerNorm.weight", &[2], &[1.0, 2.0]),
        ]);
        let small = weights(&file.expect("a file")).expect("whole numbers");
        let header: Value = serde_json::from_slice(&small[8..8 + usize::from(small[0]) + 256 * usize::from(small[1])])
            .expect("a header");
        assert_eq!(header["encoder.layer.0.output.dense.weight"]["dtype"], "I8");
        assert_eq!(
            header["encoder.layer.0.output.dense.weight_scale"]["shape"],
            json!([2, 1])
        );
        assert_eq!(header["encoder.layer.0.output.LayerNorm.weight"]["dtype"], "F32");
        assert_eq!(small[small.len() - 4..], [63, 255, 0, 0]);
        assert!(weights(&small).is_err());
    }
}
