//! The bytes of `model.safetensors` as named tensors, converted to f32 one at a time.
//!
//! The `safetensors` crate checks header, offsets, overlaps and sizes against the file before any
//! tensor is touched; this room adds what people put in its place by mistake, and the types.

use std::collections::BTreeMap;

use half::{bf16, f16};
use safetensors::{SafeTensors, tensor::TensorView};

use super::names::canonical_name;
use crate::{Error, Result};

/// Tensors by [`canonical_name`], each with its name in the file.
pub struct Tensors<'data> {
    file: &'static str,
    by_name: BTreeMap<String, (String, TensorView<'data>)>,
}

impl<'data> Tensors<'data> {
    /// Opens a file of this name. No tensor is copied.
    ///
    /// # Errors
    /// `bad-weights`, `pickle-refused`.
    pub fn open(file: &'static str, bytes: &'data [u8]) -> Result<Self> {
        refuse_other_files(file, bytes)?;
        let bad = |found| Error::BadWeights { file, found };
        let opened = SafeTensors::deserialize(bytes).map_err(|error| {
            bad(format!(
                "not a sound safetensors file of {} bytes: {error}",
                bytes.len()
            ))
        })?;
        let mut by_name = BTreeMap::new();
        for (name, view) in opened.tensors() {
            let canonical = canonical_name(&name);
            if let Some((other, _)) = by_name.insert(canonical, (name.clone(), view)) {
                return Err(bad(format!("`{other}` and `{name}` are two names of one tensor")));
            }
        }
        Ok(Self { file, by_name })
    }

    /// Those of no file.
    pub fn none() -> Self {
        Self {
            file: "none",
            by_name: BTreeMap::new(),
        }
    }

    /// Whether the file holds the tensor.
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The names of the tensors, as [`canonical_name`] spells them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The tensor's shape, if the file holds it.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.by_name.get(name).map(|(_, view)| view.shape())
    }

    /// Names in the file of the tensors that `used` does not hold.
    pub fn names_beside(&self, used: &[String]) -> Vec<String> {
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
                name: name.to_owned(),
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
        if view.shape() != expected {
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
            safetensors::Dtype::F16 => words(bytes).map(|word| f16::from_le_bytes(word).to_f32()).collect(),
            safetensors::Dtype::BF16 => words(bytes).map(|word| bf16::from_le_bytes(word).to_f32()).collect(),
            _ => words(bytes).map(f32::from_le_bytes).collect(),
        };
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(index) => Err(Error::BadWeights {
                file: self.file,
                found: format!("tensor `{own_name}`: expected finite numbers, found another at index {index}"),
            }),
        }
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// What is often saved under the weights' name: told apart by the first bytes.
fn refuse_other_files(file: &'static str, bytes: &[u8]) -> Result<()> {
    let bad = |found: &str| {
        Err(Error::BadWeights {
            file,
            found: found.to_owned(),
        })
    };
    let start = &bytes[..bytes.len().min(64)];
    if start.is_empty() {
        return bad("the file is empty");
    }
    // A zip archive (torch.save since 1.6) or a bare pickle (protocol 2 to 5).
    if start.starts_with(b"PK\x03\x04") || (start[0] == 0x80 && matches!(start.get(1), Some(2..=5))) {
        return Err(Error::PickleRefused { file });
    }
    if start.starts_with(b"version https://git-lfs") {
        return bad("found a Git LFS pointer, which only names the real file");
    }
    if start.trim_ascii_start().starts_with(b"<") {
        return bad("found an HTML page");
    }
    Ok(())
}
