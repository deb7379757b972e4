//! The bytes of a safetensors file as named tensors, converted to f32 one at a time.
//!
//! The `safetensors` crate checks the header, offsets, overlaps and sizes before any tensor is touched. Beside that,
//! files of other formats, other number types and values that are not finite are refused here.

use std::collections::BTreeMap;

use half::{bf16, f16};
use safetensors::{SafeTensors, tensor::TensorView};

use super::{
    header,
    names::SCALE,
    save::HEAD_BIASES,
    sniff::{FileContent, sniff},
};
use crate::{Error, Result, model::Architecture};

/// The masked-LM head's decoder is the word embeddings, and its bias the head's: other name, own name.
const TIED: [(&str, &str); 2] = [
    ("cls.predictions.decoder.bias", "cls.predictions.bias"),
    (
        "cls.predictions.decoder.weight",
        "bert.embeddings.word_embeddings.weight",
    ),
];

/// Tensors by [BERT's names](Architecture::canonical_name), each with its name in the file.
pub struct Tensors<'data> {
    file: &'static str,
    encoder: &'static Architecture,
    by_name: BTreeMap<String, (String, TensorView<'data>)>,
    /// The scales of tensors that are whole numbers, by those tensors' names.
    scales: BTreeMap<String, TensorView<'data>>,
}

impl<'data> Tensors<'data> {
    /// Opens a file of this name, whose tensors have the names of an encoder. No tensor is copied.
    ///
    /// # Errors
    /// `bad-weights`, `pickle-refused`.
    pub fn open(file: &'static str, bytes: &'data [u8], encoder: &'static Architecture) -> Result<Self> {
        refuse_other_files(file, bytes)?;
        let bad = |found: String| Error::bad_weights(file, found);
        header::check(bytes).map_err(bad)?;
        let opened = SafeTensors::deserialize(bytes).map_err(|error| {
            bad(format!(
                "not a sound safetensors file of {} bytes: {error}",
                bytes.len()
            ))
        })?;
        let (mut by_name, mut scales) = (BTreeMap::new(), BTreeMap::new());
        for (name, view) in opened.tensors() {
            // Without them, every number would be read wrongly.
            if name.ends_with("_zero_point") {
                return Err(bad(format!(
                    "`{name}`: 8-bit whole numbers without zero points were expected"
                )));
            }
            if let Some(of) = name.strip_suffix(SCALE).filter(|of| of.ends_with(".weight")) {
                scales.insert(encoder.canonical_name(of), view);
                continue;
            }
            let canonical = encoder.canonical_name(&name);
            if let Some((other, _)) = by_name.insert(canonical, (name.clone(), view)) {
                return Err(bad(format!("`{other}` and `{name}` are two names of one tensor")));
            }
        }
        // A tied tensor stands in some files under its other name alone.
        for (other, name) in TIED {
            if !by_name.contains_key(name)
                && let Some(tensor) = by_name.remove(other)
            {
                by_name.insert(name.to_owned(), tensor);
            }
        }
        let is_int8 = |name: &String| {
            by_name
                .get(name)
                .is_some_and(|(_, view)| view.dtype() == safetensors::Dtype::I8)
        };
        if let Some(name) = scales.keys().find(|name| !is_int8(name)) {
            let own = encoder.own_name(name);
            return Err(bad(format!(
                "`{own}{SCALE}` has scales, and `{own}` is no tensor of 8-bit whole numbers"
            )));
        }
        Ok(Self {
            file,
            encoder,
            by_name,
            scales,
        })
    }

    /// No tensors: of a model that no file gives values to.
    pub fn empty() -> Self {
        Self {
            file: "none",
            encoder: Architecture::BERT,
            by_name: BTreeMap::new(),
            scales: BTreeMap::new(),
        }
    }

    /// Whether the file holds the tensor.
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The names of the tensors in BERT's spelling.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The tensor's shape, if the file holds it.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.by_name.get(name).map(|(_, view)| view.shape())
    }

    /// Whether the tensor is of 8-bit whole numbers with scales.
    pub fn is_int8(&self, name: &str) -> bool {
        self.scales.contains_key(name)
    }

    /// The name in the file of a tied tensor that stands there under both names with other values; transformers 5 then ties
    /// them no more.
    pub fn untied(&self) -> Option<&str> {
        TIED.iter().find_map(|(other, name)| {
            let ((own_name, view), (_, tied)) = (self.by_name.get(*other)?, self.by_name.get(*name)?);
            let is_same_kind = view.dtype() == tied.dtype() && view.shape() == tied.shape();
            (is_same_kind && view.data() != tied.data()).then_some(own_name.as_str())
        })
    }

    /// Names in the file of the tensors that are not in `used`.
    pub fn unused_names(&self, used: &[String]) -> Vec<String> {
        let unused = self.by_name.iter().filter(|(name, _)| !used.contains(name));
        unused.map(|(_, (name, _))| name.clone()).collect()
    }

    /// Checks that a tensor is there, in a type that can be read, of this shape.
    ///
    /// # Errors
    /// `missing-tensor`, `unsupported-dtype`, `shape-mismatch`.
    pub fn check(&self, name: &str, expected: &[usize]) -> Result<()> {
        let Some((own_name, view)) = self.by_name.get(name) else {
            return Err(Error::MissingTensor {
                file: self.file,
                name: self.encoder.own_name(name),
                expected: expected.to_vec(),
            });
        };
        let is_float = matches!(
            view.dtype(),
            safetensors::Dtype::F32 | safetensors::Dtype::F64 | safetensors::Dtype::F16 | safetensors::Dtype::BF16
        );
        if !is_float && !self.is_int8(name) {
            return Err(Error::UnsupportedDtype {
                file: self.file,
                name: own_name.clone(),
                expected: "F32, F64, F16, BF16, or I8 with scales",
                found: format!("{:?}", view.dtype()),
            });
        }
        // A saved model of our own class has a head's bias of [1, labels]: see save.rs.
        let is_head = HEAD_BIASES.iter().any(|bias| name.ends_with(bias));
        let of_own_class = is_head && view.shape().strip_prefix(&[1]) == Some(expected);
        if view.shape() != expected && !of_own_class {
            let (expected, found) = (expected.to_vec(), view.shape().to_vec());
            return Err(Error::ShapeMismatch {
                file: self.file,
                name: own_name.clone(),
                expected,
                found,
            });
        }
        self.check_scales(name, own_name, expected)
    }

    /// Checks the scales of a tensor that has some: a positive f32 for each row of a matrix.
    fn check_scales(&self, name: &str, own_name: &str, expected: &[usize]) -> Result<()> {
        let Some(scales) = self.scales.get(name) else {
            return Ok(());
        };
        let scale_name = format!("{own_name}{SCALE}");
        if scales.dtype() != safetensors::Dtype::F32 {
            return Err(Error::UnsupportedDtype {
                file: self.file,
                name: scale_name,
                expected: "F32",
                found: format!("{:?}", scales.dtype()),
            });
        }
        let rows = expected[0];
        if expected.len() != 2 || (scales.shape() != [rows, 1] && scales.shape() != [rows]) {
            return Err(Error::ShapeMismatch {
                file: self.file,
                name: scale_name,
                expected: vec![rows, 1],
                found: scales.shape().to_vec(),
            });
        }
        // A sum of squares of what the largest number stands for must be a number.
        let is_sound = |scale: f32| scale > 0.0 && scale < 1e15;
        match chunks(scales.data())
            .map(f32::from_le_bytes)
            .position(|scale| !is_sound(scale))
        {
            None => Ok(()),
            Some(row) => Err(Error::bad_weights(
                self.file,
                format!("tensor `{scale_name}`: expected numbers above 0 and below 1e15, found another in row {row}"),
            )),
        }
    }

    /// A checked tensor's values as f32, row-major as in the file.
    ///
    /// # Errors
    /// As [`Tensors::check`]; `bad-weights` for a value that is not finite, which would spoil every answer unseen.
    pub fn values(&self, name: &str, expected: &[usize]) -> Result<Vec<f32>> {
        self.check(name, expected)?;
        let (own_name, view) = &self.by_name[name];
        let bytes = view.data();
        let values: Vec<f32> = match view.dtype() {
            safetensors::Dtype::F16 => chunks(bytes).map(|bytes| f16::from_le_bytes(bytes).to_f32()).collect(),
            safetensors::Dtype::BF16 => chunks(bytes).map(|bytes| bf16::from_le_bytes(bytes).to_f32()).collect(),
            // Rounded, as torch does.
            safetensors::Dtype::F64 => chunks(bytes).map(|bytes| f64::from_le_bytes(bytes) as f32).collect(),
            safetensors::Dtype::I8 => self.dequantized(name, bytes, expected),
            _ => chunks(bytes).map(f32::from_le_bytes).collect(),
        };
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(index) => Err(Error::bad_weights(
                self.file,
                format!("tensor `{own_name}`: expected finite numbers, found another at index {index}"),
            )),
        }
    }

    /// A checked table of whole numbers as it is: its bytes, row after row, then its scales' bytes; and its largest magnitude.
    ///
    /// # Errors
    /// As [`Tensors::check`].
    pub fn int8_table(&self, name: &str, expected: &[usize; 2]) -> Result<(Vec<u8>, f32)> {
        self.check(name, expected)?;
        let numbers = self.by_name[name].1.data();
        let scales = self.scales.get(name).map_or(&[][..], TensorView::data);
        let rows = numbers
            .chunks_exact(expected[1])
            .zip(chunks(scales).map(f32::from_le_bytes));
        let largest = rows.fold(0.0f32, |largest, (row, scale)| {
            let most = row.iter().map(|byte| byte.cast_signed().unsigned_abs()).max();
            largest.max(f32::from(most.unwrap_or(0)) * scale)
        });
        Ok(([numbers, scales].concat(), largest))
    }

    /// Whole numbers times their rows' scales.
    fn dequantized(&self, name: &str, bytes: &[u8], shape: &[usize]) -> Vec<f32> {
        let scales = self.scales.get(name).map_or(&[][..], TensorView::data);
        let rows = bytes.chunks_exact(shape[1]).zip(chunks(scales).map(f32::from_le_bytes));
        rows.flat_map(|(row, scale)| row.iter().map(move |&byte| f32::from(byte.cast_signed()) * scale))
            .collect()
    }
}

fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// Refuses what is often saved under the weights' name.
fn refuse_other_files(file: &'static str, bytes: &[u8]) -> Result<()> {
    let bad = |found: &str| Err(Error::bad_weights(file, found));
    match sniff(bytes) {
        FileContent::Safetensors => Ok(()),
        FileContent::Empty => bad("the file is empty"),
        FileContent::Pickle => Err(Error::PickleRefused { file }),
        FileContent::GitLfsPointer => bad("found a Git LFS pointer, which only names the real file"),
        FileContent::WebPage => bad("found an HTML page"),
    }
}
