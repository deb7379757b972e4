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

/// What the model's matrices are kept as: whole numbers where one of them is, 16-bit floats where one is and that was asked for,
/// since a GPU keeps matrices so by itself where that loses nothing.
pub fn storage(model: &BertForSequenceClassification, asked: Storage) -> Storage {
    struct Found(bool, bool);
    impl ParameterVisitor for Found {
        fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>) {
            if role(&name, layout).is_some() {
                let dtype = param.val().dtype();
                self.0 |= kernels::int8_role(dtype).is_some();
                self.1 |= dtype == DType::F16;
            }
        }
    }
    let mut found = Found(false, false);
    visit_parameters(model, "", &mut found);
    match (found, asked) {
        (Found(true, _), _) => Storage::Int8,
        (Found(_, true), Storage::F16) => Storage::F16,
        _ => Storage::F32,
    }
}

/// The matrices that are 32-bit floats in a model whose others are whole numbers, by BERT's names.
pub fn f32_matrices(model: &BertForSequenceClassification) -> Vec<String> {
    struct Floats(Vec<String>, bool);
    impl ParameterVisitor for Floats {
        fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>) {
            match (role(&name, layout), kernels::int8_role(param.val().dtype()).is_some()) {
                (Some(_), true) => self.1 = true,
                (Some(_), false) => self.0.push(name),
                (None, _) => {}
            }
        }
    }
    let mut floats = Floats(Vec::new(), false);
    visit_parameters(model, "", &mut floats);
    if floats.1 { floats.0 } else { Vec::new() }
}

/// The dense layers that are saved as 32-bit floats where others are whole numbers, without `.weight`.
pub fn f32_dense(model: &BertForSequenceClassification) -> Vec<String> {
    struct Dense(Vec<String>);
    impl ParameterVisitor for Dense {
        fn visit<const D: usize>(&mut self, name: String, layout: Layout, _param: &Param<Tensor<D>>) {
            let is_matrix = layout == Layout::Transposed && !name.contains(".lora_");
            if let (true, None, Some(stem)) = (is_matrix, role(&name, layout), name.strip_suffix(".weight")) {
                self.0.push(stem.to_owned());
            }
        }
    }
    let mut dense = Dense(Vec::new());
    visit_parameters(model, "", &mut dense);
    let matrices = f32_matrices(model);
    let others = matrices.iter().filter_map(|name| name.strip_suffix(".weight"));
    let others = others.filter(|name| *name != "bert.embeddings.word_embeddings");
    dense.0.into_iter().chain(others.map(str::to_owned)).collect()
}

/// The model with its encoder's weights of 32-bit floats as products read them, which a run leaves as rows.
pub fn packed(model: BertForSequenceClassification) -> BertForSequenceClassification {
    struct Pack;
    impl ParameterMapper for Pack {
        fn map<const D: usize>(&mut self, name: String, layout: Layout, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match role(&name, layout) {
                Some(Role::Dense) => param.map(kernels::pack),
                _ => param,
            }
        }
    }
    map_parameters(model, "", &mut Pack)
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
    for name in kept_names(&model) {
        if layer(&name).is_some_and(|layer| f32_layers.contains(&layer)) {
            continue;
        }
        let mut take = Take(&name, None);
        visit_parameters(&model, "", &mut take);
        let Some((role, shape, tensor)) = take.1 else { continue };
        let values = device::read(kernels::to_f32(tensor)).await?;
        let kept = kernels::store(values, shape, role, storage, device);
        model = map_parameters(model, "", &mut Put(&name, Some(kept)));
    }
    Ok(model)
}

fn kept_names(model: &BertForSequenceClassification) -> Vec<String> {
    struct Names(Vec<String>);
    impl ParameterVisitor for Names {
        fn visit<const D: usize>(&mut self, name: String, layout: Layout, _param: &Param<Tensor<D>>) {
            if role(&name, layout).is_some() {
                self.0.push(name);
            }
        }
    }
    let mut names = Names(Vec::new());
    visit_parameters(model, "", &mut names);
    names.0
}

/// Takes the matrix of a name.
struct Take<'a>(&'a str, Option<(Role, [usize; 2], Tensor<2>)>);

impl ParameterVisitor for Take<'_> {
    fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>) {
        if name == self.0
            && let (Some(role), &[rows, columns]) = (role(&name, layout), &param.val().dims()[..])
        {
            let matrix = Tensor::from_dispatch(param.val().into_dispatch());
            self.1 = Some((role, [rows, columns], matrix));
        }
    }
}

/// Puts a matrix in the place of a name.
struct Put<'a>(&'a str, Option<Tensor<2>>);

impl ParameterMapper for Put<'_> {
    fn map<const D: usize>(&mut self, name: String, _layout: Layout, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match (name == self.0, self.1.take()) {
            (true, Some(matrix)) => Param::from_tensor(Tensor::from_dispatch(matrix.into_dispatch())),
            (_, kept) => {
                self.1 = kept;
                param
            }
        }
    }
}
