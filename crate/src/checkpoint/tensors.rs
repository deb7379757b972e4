//! The bytes of a safetensors file as named tensors, converted to f32 one at a time.
//!
//! The `safetensors` crate checks the header, offsets, overlaps and sizes before any tensor is touched. Beside that,
//! files of other formats, other number types and values that are not finite are refused here.

use std::collections::BTreeMap;

use half::{bf16, f16};
use safetensors::{SafeTensors, tensor::TensorView};

use super::{
    header,
    save::HEAD_BIAS,
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
        let mut by_name = BTreeMap::new();
        for (name, view) in opened.tensors() {
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
        Ok(Self { file, encoder, by_name })
    }

    /// No tensors: of a model that no file gives values to.
    pub fn empty() -> Self {
        Self {
            file: "none",
            encoder: Architecture::BERT,
            by_name: BTreeMap::new(),
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
        if !matches!(
            view.dtype(),
            safetensors::Dtype::F32 | safetensors::Dtype::F16 | safetensors::Dtype::BF16
        ) {
            return Err(Error::UnsupportedDtype {
                file: self.file,
                name: own_name.clone(),
                found: format!("{:?}", view.dtype()),
            });
        }
        // A saved model of our own class has a head's bias of [1, labels]: see save.rs.
        let of_own_class = name.ends_with(HEAD_BIAS) && view.shape().strip_prefix(&[1]) == Some(expected);
        if view.shape() != expected && !of_own_class {
            let (expected, found) = (expected.to_vec(), view.shape().to_vec());
            return Err(Error::ShapeMismatch {
                file: self.file,
                name: own_name.clone(),
                expected,
                found,
            });
        }
        Ok(())
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
