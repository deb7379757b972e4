//! Every parameter's gradient by name: how a device shows that its backward is right.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Gradients, Tensor},
};

use crate::{
    Result,
    checkpoint::{Layout, hugging_face_name},
    device::{self, Device},
    engine::no_head,
    kernels::{Dropout, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::Batch,
};

/// Gradients of the mean cross-entropy of a batch, without dropout, by Hugging Face name, in torch's layout.
///
/// # Errors
/// `bad-option` where the model has no head; `device-lost`.
pub async fn gradients(
    model: &BertForSequenceClassification,
    batch: &Batch,
    targets: Vec<i32>,
    device: &Device,
) -> Result<Vec<(String, Vec<f32>)>> {
    let model = model.clone().train();
    let input = Input::new(batch, &device.handle.clone().autodiff());
    let logits = model.forward(&input, &Dropout::off()).ok_or_else(no_head)?;
    let gradients = cross_entropy(logits, targets).backward();
    let mut visitor = ByName {
        gradients: &gradients,
        path: Vec::new(),
        found: Vec::new(),
    };
    model.visit(&mut visitor);
    let mut read = Vec::with_capacity(visitor.found.len());
    for (name, gradient) in visitor.found {
        read.push((name, device::read(gradient).await?));
    }
    Ok(read)
}

struct ByName<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    found: Vec<(String, Tensor<1>)>,
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
            let count = gradient.shape().num_elements();
            let gradient = match layout {
                Layout::Same => gradient,
                Layout::Transposed => gradient.transpose(),
            };
            self.found.push((name, gradient.reshape([count])));
        }
    }
}
