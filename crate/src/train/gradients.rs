//! Every parameter's gradient by name: what the tests hold against torch on each device.

use burn::{
    module::{Module, Param},
    tensor::{Gradients, Tensor},
};

use super::param_groups::trainable;
use crate::{
    Error, Result,
    checkpoint::{Layout, ParameterVisitor, visit_parameters},
    device::{self, Device},
    kernels::{Dropout, Targets, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::Batch,
};

/// Gradients of a batch's mean cross-entropy, without dropout, by Hugging Face name, in torch's layout.
///
/// # Shapes
/// - targets: `[batch]`, each below the number of labels
///
/// # Errors
/// `bad-state` where the model has no head; `device-lost`.
pub async fn gradients(
    model: &BertForSequenceClassification,
    batch: &Batch,
    targets: Vec<i32>,
    device: &Device,
) -> Result<Vec<(String, Vec<f32>)>> {
    let input = Input::new(batch, &device.handle.clone().autodiff());
    let loss = |model: &BertForSequenceClassification| {
        let logits = model.forward(&input, &Dropout::off()).ok_or_else(Error::no_head)?;
        Ok(cross_entropy(logits, Targets::mean(targets)))
    };
    Ok(gradients_of(model, loss).await?.1)
}

/// A loss of the model, and its gradients by Hugging Face name, in torch's layout.
///
/// # Errors
/// Those of `loss`; `device-lost`.
pub async fn gradients_of(
    model: &BertForSequenceClassification,
    loss: impl FnOnce(&BertForSequenceClassification) -> Result<Tensor<1>>,
) -> Result<(f32, Vec<(String, Vec<f32>)>)> {
    let model = trainable(model.clone(), &mut std::iter::repeat(true)).train();
    let loss = loss(&model)?;
    let gradients = loss.backward();
    let mut by_name = ByName {
        gradients: &gradients,
        found: Vec::new(),
    };
    visit_parameters(&model, "", &mut by_name);
    let mut read = Vec::with_capacity(by_name.found.len());
    for (name, layout, shape, gradient) in by_name.found {
        let name = model.architecture().own_name(&name);
        read.push((name, layout.to_file(device::read(gradient).await?, &shape)));
    }
    Ok((device::read(loss.inner()).await?[0], read))
}

struct ByName<'a> {
    gradients: &'a Gradients,
    found: Vec<(String, Layout, Vec<usize>, Tensor<1>)>,
}

impl ParameterVisitor for ByName<'_> {
    fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            let shape = gradient.dims().to_vec();
            let count = gradient.shape().num_elements();
            self.found.push((name, layout, shape, gradient.reshape([count])));
        }
    }
}
