//! A model as `model.safetensors`, made tensor by tensor as it is read, so that no second copy of the model stands in memory.

use burn::{module::Param, tensor::Tensor};
use half::f16;

use super::{
    layout::Layout,
    names::SCALE,
    parameters::{ParameterVisitor, visit_parameters},
    save::{Class, Dtype, HEAD_BIAS},
    storage::role,
    write::{byte_count, float_bytes, start},
};
use crate::{Error, Result, device, kernels, model::BertForSequenceClassification};

const FILE: &str = "model.safetensors";

/// A file whose bytes are read from its beginning. It shares the model's memory until that changes.
pub struct WeightsFile {
    start: Vec<u8>,
    tensors: Vec<Saved>,
    /// Their order in the file.
    order: Vec<usize>,
    /// The bytes of the tensor that was read last, with its place in that order.
    made: Option<(usize, Vec<u8>)>,
}

/// A tensor of the file, before its bytes are made.
struct Saved {
    /// By its encoder's own name, and in torch's layout.
    name: String,
    shape: Vec<usize>,
    form: Form,
    values: Collected,
}

/// What is saved of a parameter.
#[derive(Clone, Copy)]
enum Form {
    F32,
    F16,
    /// Its 8-bit whole numbers.
    Int8,
    /// The scales of those.
    Scales,
}

impl Form {
    fn dtype(self) -> safetensors::Dtype {
        match self {
            Self::F32 | Self::Scales => safetensors::Dtype::F32,
            Self::F16 => safetensors::Dtype::F16,
            Self::Int8 => safetensors::Dtype::I8,
        }
    }
}

impl WeightsFile {
    /// Every parameter of the class by its Hugging Face name in the encoder, in torch's layout, as `dtype`.
    ///
    /// What [`role`] names is saved as whole numbers, except for `f32_matrices`.
    ///
    /// With `own_class`, which only `MODELING_CODE` computes, the head's bias is `[1, labels]`: transformers' own class, which
    /// would silently pool otherwise, refuses it.
    ///
    /// # Errors
    /// `bad-weights` where the file cannot be written.
    pub fn new(
        model: &BertForSequenceClassification,
        class: Class,
        dtype: Dtype,
        f32_matrices: &[String],
        own_class: bool,
    ) -> Result<Self> {
        let mut collector = Collector(Vec::new());
        visit_parameters(model, "", &mut collector);
        let mut tensors = Vec::with_capacity(collector.0.len());
        for values in collector.0.into_iter().filter(|values| class.holds(&values.name)) {
            let mut shape = values.layout.file_shape(&values.shape);
            if own_class && values.name == HEAD_BIAS {
                shape.insert(0, 1);
            }
            let (bert, name) = (&values.name, model.architecture().own_name(&values.name));
            let whole = dtype == Dtype::Int8 && role(bert, values.layout).is_some() && !f32_matrices.contains(bert);
            let form = match dtype {
                Dtype::F16 => Form::F16,
                _ if whole => Form::Int8,
                _ => Form::F32,
            };
            if whole {
                tensors.push(Saved {
                    name: format!("{name}{SCALE}"),
                    shape: vec![shape[0], 1],
                    form: Form::Scales,
                    values: values.clone(),
                });
            }
            tensors.push(Saved {
                name,
                shape,
                form,
                values,
            });
        }
        let infos: Vec<_> = tensors
            .iter()
            .map(|saved| (saved.name.as_str(), saved.form.dtype(), saved.shape.as_slice()))
            .collect();
        let (start, order) = start(FILE, &infos, Vec::new())?;
        Ok(Self {
            start,
            tensors,
            order,
            made: None,
        })
    }

    /// The file's size in bytes.
    pub fn size(&self) -> usize {
        self.start.len() + self.tensors.iter().map(Saved::size).sum::<usize>()
    }

    /// The bytes from `at` to the end of the tensor that they are of; none at the file's end.
    ///
    /// # Errors
    /// `device-lost` where the weights cannot be read back; `bad-option` where 16-bit floats cannot hold one.
    pub async fn read(&mut self, at: usize) -> Result<&[u8]> {
        if at < self.start.len() {
            return Ok(&self.start[at..]);
        }
        let sizes = self.order.iter().map(|&index| self.tensors[index].size());
        let Some((place, from)) = device::part_at(sizes, at - self.start.len()) else {
            return Ok(&[]);
        };
        if self.made.as_ref().is_none_or(|(made, _)| *made != place) {
            // It goes before the next one comes.
            self.made = None;
            self.made = Some((place, self.tensors[self.order[place]].bytes().await?));
        }
        Ok(self.made.as_ref().map_or(&[], |(_, bytes)| &bytes[from..]))
    }

    /// The whole file.
    ///
    /// # Errors
    /// As [`WeightsFile::read`].
    pub async fn whole(mut self) -> Result<Vec<u8>> {
        let mut file = Vec::with_capacity(self.size());
        loop {
            match self.read(file.len()).await? {
                [] => return Ok(file),
                bytes => file.extend_from_slice(bytes),
            }
        }
    }
}

impl Saved {
    fn size(&self) -> usize {
        byte_count(self.form.dtype(), &self.shape)
    }

    async fn bytes(&self) -> Result<Vec<u8>> {
        let values = self.values.read().await?;
        let columns = || self.values.layout.file_shape(&self.values.shape)[1];
        match self.form {
            Form::F32 => Ok(float_bytes(&values)),
            Form::F16 => {
                check_halves(&self.values.name, &values)?;
                let halves = values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes());
                Ok(halves.collect())
            }
            Form::Int8 => Ok(kernels::to_int8_rows(&values, columns()).0),
            Form::Scales => Ok(float_bytes(&kernels::int8_row_scales(&values, columns()))),
        }
    }
}

/// Refuses numbers that would be infinite as 16-bit floats: such a file does not load.
fn check_halves(name: &str, values: &[f32]) -> Result<()> {
    let largest = values.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    if largest <= f16::MAX.to_f32() {
        return Ok(());
    }
    let expected = format!("\"f32\": {name} has {largest:e}, and 16-bit floats end at {}", f16::MAX);
    Err(Error::bad_option("dtype", expected, "\"f16\""))
}

/// A parameter by BERT's name, with its layout and the module's shape.
#[derive(Clone)]
struct Collected {
    name: String,
    layout: Layout,
    shape: Vec<usize>,
    tensor: AnyTensor,
}

#[derive(Clone)]
enum AnyTensor {
    Vector(Tensor<1>),
    Matrix(Tensor<2>),
}

impl Collected {
    /// The values in the file's layout.
    async fn read(&self) -> Result<Vec<f32>> {
        let values = match self.tensor.clone() {
            AnyTensor::Vector(tensor) => kernels::to_f32(tensor),
            AnyTensor::Matrix(tensor) => kernels::to_f32(tensor).reshape([self.shape.iter().product::<usize>()]),
        };
        Ok(self.layout.to_file(device::read(values).await?, &self.shape))
    }
}

struct Collector(Vec<Collected>);

impl ParameterVisitor for Collector {
    fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        let tensor = match D {
            1 => AnyTensor::Vector(Tensor::from_dispatch(tensor.into_dispatch())),
            _ => AnyTensor::Matrix(Tensor::from_dispatch(tensor.into_dispatch())),
        };
        self.0.push(Collected {
            name,
            layout,
            shape,
            tensor,
        });
    }
}
