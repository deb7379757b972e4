//! Which of a model's matrices are kept in another form than 32-bit floats, and what they are for.

use burn::{
    module::Param,
    tensor::{DType, Device, Tensor},
};

use super::{
    layout::Layout,
    parameters::{ParameterMapper, ParameterVisitor, map_parameters, visit_parameters},
};
use crate::{
    Result, device,
    kernels::{self, Role, Storage},
    model::BertForSequenceClassification,
};

/// The role of a parameter that is kept so: the dense layers of the encoder, and the word embeddings.
pub fn role(name: &str, layout: Layout) -> Option<Role> {
    if name == "bert.embeddings.word_embeddings.weight" {
        return Some(Role::Table);
    }
    let inside = name.starts_with("bert.encoder.layer.") && name.ends_with(".weight");
    let own = !name.contains(".lora_") && !name.contains(".adapter.");
    (inside && own && layout == Layout::Transposed).then_some(Role::Dense)
}

/// The layer that a parameter belongs to; none of the embeddings.
fn layer(name: &str) -> Option<usize> {
    name.strip_prefix("bert.encoder.layer.")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// A matrix of a model: a dense layer's weight, or a table.
struct Matrix {
    name: String,
    layout: Layout,
    tensor: Tensor<2>,
}

impl Matrix {
    fn role(&self) -> Option<Role> {
        role(&self.name, self.layout)
    }

    fn is_int8(&self) -> bool {
        kernels::int8_role(self.tensor.dtype()).is_some()
    }
}

/// The model's matrices, in the order of the module's visit.
fn matrices(model: &BertForSequenceClassification) -> Vec<Matrix> {
    struct All(Vec<Matrix>);
    impl ParameterVisitor for All {
        fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>) {
            if D == 2 {
                let tensor = Tensor::from_dispatch(param.val().into_dispatch());
                self.0.push(Matrix { name, layout, tensor });
            }
        }
    }
    let mut all = All(Vec::new());
    visit_parameters(model, "", &mut all);
    all.0
}

/// The model with other matrices where `change` gives one for a kept matrix's name.
fn with_matrices(
    model: BertForSequenceClassification,
    change: &mut dyn FnMut(&str, Role, Tensor<2>) -> Option<Tensor<2>>,
) -> BertForSequenceClassification {
    struct Change<'a>(&'a mut dyn FnMut(&str, Role, Tensor<2>) -> Option<Tensor<2>>);
    impl ParameterMapper for Change<'_> {
        fn map<const D: usize>(&mut self, name: String, layout: Layout, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let Some(role) = role(&name, layout) else {
                return param;
            };
            let matrix = Tensor::from_dispatch(param.val().into_dispatch());
            match (self.0)(&name, role, matrix) {
                None => param,
                Some(changed) => Param::from_tensor(Tensor::from_dispatch(changed.into_dispatch())),
            }
        }
    }
    map_parameters(model, "", &mut Change(change))
}

/// What the model's matrices are kept as: whole numbers where one of them is, 16-bit floats where one is and that was asked for,
/// since a GPU keeps matrices so by itself where that loses nothing.
pub fn storage(model: &BertForSequenceClassification, asked: Storage) -> Storage {
    let all = matrices(model);
    let mut kept = all.iter().filter(|matrix| matrix.role().is_some());
    let is_f16 = asked == Storage::F16 && kept.clone().any(|matrix| matrix.tensor.dtype() == DType::F16);
    match (kept.any(Matrix::is_int8), is_f16) {
        (true, _) => Storage::Int8,
        (false, true) => Storage::F16,
        (false, false) => Storage::F32,
    }
}

/// The matrices that are 32-bit floats in a model whose others are whole numbers, by BERT's names.
pub fn f32_matrices(model: &BertForSequenceClassification) -> Vec<String> {
    let all = matrices(model).into_iter().filter(|matrix| matrix.role().is_some());
    let (whole, floats): (Vec<Matrix>, Vec<Matrix>) = all.partition(Matrix::is_int8);
    let names = floats.into_iter().map(|matrix| matrix.name);
    if whole.is_empty() { Vec::new() } else { names.collect() }
}

/// The dense layers, and the table of words, that are saved as 32-bit floats where others are whole numbers, without `.weight`.
pub fn f32_modules(model: &BertForSequenceClassification) -> Vec<String> {
    let kept = f32_matrices(model);
    let all = matrices(model).into_iter().filter(|matrix| {
        let is_dense = matrix.layout == Layout::Transposed && !matrix.name.contains(".lora_");
        kept.contains(&matrix.name) || (is_dense && matrix.role().is_none())
    });
    all.filter_map(|matrix| matrix.name.strip_suffix(".weight").map(str::to_owned))
        .collect()
}

/// The model with its encoder's weights of 32-bit floats as products read them, which a run leaves as rows.
pub fn packed(model: BertForSequenceClassification) -> BertForSequenceClassification {
    with_matrices(model, &mut |_, role, matrix| {
        (role == Role::Dense && matrix.dtype() == DType::F32).then(|| kernels::pack(matrix))
    })
}

/// The model with its matrices kept as `storage`, but for those of the layers `f32_layers`, which stay as they are.
///
/// # Errors
/// `device-lost`.
pub async fn converted(
    model: &BertForSequenceClassification,
    storage: Storage,
    f32_layers: &[usize],
    device: &Device,
) -> Result<BertForSequenceClassification> {
    let mut model = model.clone();
    // One matrix after the other, so that no two models stand in memory as 32-bit floats.
    for Matrix { name, layout, tensor } in matrices(&model) {
        let stays = layer(&name).is_some_and(|layer| f32_layers.contains(&layer));
        let Some(role) = role(&name, layout).filter(|_| !stays) else {
            continue;
        };
        let shape = tensor.dims();
        let values = device::read(kernels::to_f32(tensor)).await?;
        let mut kept = Some(kernels::store(values, shape, role, storage, device));
        model = with_matrices(model, &mut |own, _, _| if own == name { kept.take() } else { None });
    }
    Ok(model)
}
