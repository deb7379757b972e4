//! What a step does to the parameters of a model: gradient norm, AdamW, and taking a step back.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Device, Gradients, Tensor},
};

use crate::{
    checkpoint::hugging_face_name,
    kernels::{AdamW, Moments, add_squares},
    model::BertForSequenceClassification,
};

/// Whether weight decay touches each parameter, in the order of the visit. torch's usual groups: none on
/// biases and LayerNorm.
pub fn decays(model: &BertForSequenceClassification) -> Vec<bool> {
    struct Decays {
        path: Vec<String>,
        found: Vec<bool>,
    }
    impl ModuleVisitor for Decays {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
            let (name, _) = hugging_face_name(&self.path.join("."));
            self.found.push(!name.ends_with(".bias") && !name.contains("LayerNorm"));
        }
    }
    let mut visitor = Decays {
        path: Vec::new(),
        found: Vec::new(),
    };
    model.visit(&mut visitor);
    visitor.found
}

/// Sum of the squares of every gradient.
///
/// # Shapes
/// - output: `[1]`
pub fn squared_norm(model: &BertForSequenceClassification, gradients: &Gradients, device: &Device) -> Tensor<1> {
    struct Squares<'a> {
        gradients: &'a Gradients,
        total: Tensor<1>,
    }
    impl ModuleVisitor for Squares<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = param.val().grad(self.gradients) {
                self.total = add_squares(self.total.clone(), gradient);
            }
        }
    }
    let mut visitor = Squares {
        gradients,
        total: Tensor::zeros([1], device),
    };
    model.visit(&mut visitor);
    visitor.total
}

/// One AdamW step on every parameter that has a gradient. `moments` is empty at the first step.
pub fn apply(
    model: BertForSequenceClassification,
    adamw: AdamW,
    decays: &[bool],
    moments: Vec<Moments>,
    gradients: Gradients,
) -> (BertForSequenceClassification, Vec<Moments>) {
    struct Apply<'a> {
        adamw: AdamW,
        gradients: Gradients,
        decays: std::slice::Iter<'a, bool>,
        old: std::vec::IntoIter<Moments>,
        new: Vec<Moments>,
    }
    impl ModuleMapper for Apply<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let adamw = self.adamw.with_decay(self.decays.next() == Some(&true));
            param.map(|tensor| {
                let moments = self.old.next().unwrap_or_else(|| Moments::zeros(&tensor));
                let Some(gradient) = tensor.grad_remove(&mut self.gradients) else {
                    self.new.push(moments);
                    return tensor;
                };
                let (tensor, moments) = adamw.update(tensor.inner(), gradient, moments);
                self.new.push(moments);
                tensor.autodiff().require_grad()
            })
        }
    }
    let mut mapper = Apply {
        adamw,
        gradients,
        decays: decays.iter(),
        old: moments.into_iter(),
        new: Vec::new(),
    };
    let model = model.map(&mut mapper);
    (model, mapper.new)
}

/// The model before its last step, which used `adamw` and left `moments`.
pub fn undo(
    model: BertForSequenceClassification,
    adamw: AdamW,
    decays: &[bool],
    moments: Vec<Moments>,
) -> BertForSequenceClassification {
    struct Undo<'a> {
        adamw: AdamW,
        decays: std::slice::Iter<'a, bool>,
        moments: std::vec::IntoIter<Moments>,
    }
    impl ModuleMapper for Undo<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let adamw = self.adamw.with_decay(self.decays.next() == Some(&true));
            param.map(|tensor| match self.moments.next() {
                None => tensor,
                Some(moments) => adamw.undo(tensor.inner(), &moments).autodiff().require_grad(),
            })
        }
    }
    model.map(&mut Undo {
        adamw,
        decays: decays.iter(),
        moments: moments.into_iter(),
    })
}
