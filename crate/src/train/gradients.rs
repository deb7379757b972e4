//! Every parameter's gradient by name: how a device shows that its backward is right.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Gradients, Tensor},
};

use super::param_groups::trainable;
use crate::{
    Error, Result,
    checkpoint::{Layout, hugging_face_name, transpose},
    device::{self, Device},
    kernels::{Dropout, Targets, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::Batch,
};

/// Gradients of the mean cross-entropy of a batch, without dropout, by Hugging Face name, in torch's layout.
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

/// A loss of the model, and its gradients, by Hugging Face name, in torch's layout.
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
    let mut visitor = ByName {
        gradients: &gradients,
        path: Vec::new(),
        found: Vec::new(),
    };
    model.visit(&mut visitor);
    let mut read = Vec::with_capacity(visitor.found.len());
    for (name, layout, shape, gradient) in visitor.found {
        let gradient = device::read(gradient).await?;
        let gradient = match layout {
            Layout::Same => gradient,
            Layout::Transposed => transpose(&gradient, shape[0], shape[1]),
        };
        read.push((name, gradient));
    }
    Ok((device::read(loss.inner()).await?[0], read))
}

struct ByName<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    found: Vec<(String, Layout, Vec<usize>, Tensor<1>)>,
}

impl ModuleVisitor for ByName<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (name, layout) = hugging_face_name(&self.path.join("."));
        if let Some(gradient) = param.val().grad(self.gradients) {
            let shape = gradient.dims().to_vec();
            let count = gradient.shape().num_elements();
            self.found.push((name, layout, shape, gradient.reshape([count])));
        }
    }
}
