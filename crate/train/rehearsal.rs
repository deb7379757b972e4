//! Takes a model and rows; makes a training step whose result is thrown away, so that a step can be timed before a run.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Gradients, Tensor},
};

use super::{update, vocabulary::RunVocabulary};
use crate::{
    Result,
    device::{self, Device},
    engine::no_head,
    kernels::{AdamW, Dropout, Moments, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::{Row, collate},
};

/// A step on `chosen` of a run's rows: forward, backward and gradient norm as in a run, and AdamW parameter by
/// parameter on a copy that is dropped before the next, so that it needs less memory than the run will.
///
/// # Errors
/// `bad-option` where the model has no head; `device-lost`.
pub async fn rehearse(
    model: &BertForSequenceClassification,
    mut rows: Vec<Row>,
    chosen: &[usize],
    dropout: &Dropout,
    pad_id: u32,
    device: &Device,
) -> Result<()> {
    let (_, trained, pad_id) = RunVocabulary::begin(model.bert.word_embeddings(), &mut rows, pad_id);
    let model = model.clone().with_word_embeddings(trained).train();
    let batch = collate(chosen.iter().map(|&row| &rows[row]), pad_id);
    let input = Input::new(&batch, &device.handle.clone().autodiff());
    let logits = model.forward(&input, &dropout.for_step(0, 1)).ok_or_else(no_head)?;
    let loss = cross_entropy(logits, vec![0; batch.batch]);
    let mut gradients = loss.backward();
    let square = update::squared_norm(&model, &gradients, &device.handle);
    device::read(loss.inner()).await?;
    device::read(square).await?;
    let mut updates = Updates {
        gradients: &mut gradients,
        last: None,
    };
    model.visit(&mut updates);
    // A GPU has done nothing before something is read.
    if let Some(last) = updates.last {
        device::read(last).await?;
    }
    Ok(())
}

struct Updates<'a> {
    gradients: &'a mut Gradients,
    /// The last parameter's new first value.
    last: Option<Tensor<1>>,
}

impl ModuleVisitor for Updates<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let adamw = AdamW {
            learning_rate: 1e-5,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            gradient_scale: 1.0,
            step: 1,
        };
        let tensor = param.val();
        if let Some(gradient) = tensor.grad_remove(self.gradients) {
            let tensor = tensor.inner();
            let moments = Moments::zeros(&tensor);
            let (tensor, _) = adamw.update(tensor, gradient, moments);
            let count = tensor.shape().num_elements();
            self.last = (D == 1).then(|| tensor.reshape([count]));
        }
    }
}
