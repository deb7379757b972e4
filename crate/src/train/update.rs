//! What a step does to a model's parameters: gradients, their norm, AdamW, and rolling a step back. Every list has an
//! entry for each parameter in the order of the module's visit, and none for a frozen one.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Device, Gradients, Tensor},
};

use super::param_groups::ParamGroup;
use crate::{
    kernels::{self, AdamW, Moments, square_sum},
    model::BertForSequenceClassification,
};

/// A flat gradient for each parameter; none for a frozen one, and for one that the loss does not depend on.
pub type ParamGradients = Vec<Option<Tensor<1>>>;

/// Takes the parameters' gradients out of those of a backward pass.
pub fn take_gradients(model: &BertForSequenceClassification, gradients: &mut Gradients) -> ParamGradients {
    struct Take<'a> {
        gradients: &'a mut Gradients,
        taken: ParamGradients,
    }
    impl ModuleVisitor for Take<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = param.val().grad_remove(self.gradients);
            self.taken.push(gradient.map(|gradient| {
                let count = gradient.shape().num_elements();
                gradient.reshape([count])
            }));
        }
    }
    let mut visitor = Take {
        gradients,
        taken: Vec::new(),
    };
    model.visit(&mut visitor);
    visitor.taken
}

/// The parameter-wise sums of two micro-batches' gradients.
pub fn accumulate(sum: ParamGradients, next: ParamGradients) -> ParamGradients {
    let both = sum.into_iter().zip(next).map(|pair| match pair {
        (Some(a), Some(b)) => Some(kernels::add(a, b)),
        (a, b) => a.or(b),
    });
    both.collect()
}

/// The squared global norm: the sum of the squares of every gradient.
///
/// # Shapes
/// - output: `[1]`
pub fn squared_norm(gradients: &ParamGradients, device: &Device) -> Tensor<1> {
    square_sum(&gradients.iter().flatten().collect::<Vec<_>>(), device)
}

/// One AdamW step on every parameter that has a gradient. `moments` is empty at the first step.
pub fn apply(
    model: BertForSequenceClassification,
    adamw: AdamW,
    param_groups: &[Option<ParamGroup>],
    moments: Vec<Option<Moments>>,
    gradients: ParamGradients,
) -> (BertForSequenceClassification, Vec<Option<Moments>>) {
    struct Apply<'a> {
        adamw: AdamW,
        param_groups: std::slice::Iter<'a, Option<ParamGroup>>,
        gradients: std::vec::IntoIter<Option<Tensor<1>>>,
        old: std::vec::IntoIter<Option<Moments>>,
        new: Vec<Option<Moments>>,
    }
    impl ModuleMapper for Apply<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let moments = self.old.next().flatten();
            let (Some(Some(group)), Some(Some(gradient))) = (self.param_groups.next(), self.gradients.next()) else {
                self.new.push(moments);
                return param;
            };
            let adamw = self.adamw.with_share(group.learning_rate, group.decays);
            param.map(|tensor| {
                let moments = moments.unwrap_or_else(|| Moments::zeros(&tensor));
                let shape = tensor.dims();
                let (tensor, moments) = adamw.update(tensor.inner(), gradient.reshape(shape), moments);
                self.new.push(Some(moments));
                tensor.autodiff().require_grad()
            })
        }
    }
    let mut mapper = Apply {
        adamw,
        param_groups: param_groups.iter(),
        gradients: gradients.into_iter(),
        old: moments.into_iter(),
        new: Vec::new(),
    };
    let model = model.map(&mut mapper);
    (model, mapper.new)
}

/// The model before its last step, which used `adamw` and left `moments`.
pub fn roll_back(
    model: BertForSequenceClassification,
    adamw: AdamW,
    param_groups: &[Option<ParamGroup>],
    moments: Vec<Option<Moments>>,
) -> BertForSequenceClassification {
    struct RollBack<'a> {
        adamw: AdamW,
        param_groups: std::slice::Iter<'a, Option<ParamGroup>>,
        moments: std::vec::IntoIter<Option<Moments>>,
    }
    impl ModuleMapper for RollBack<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let (Some(Some(group)), Some(Some(moments))) = (self.param_groups.next(), self.moments.next()) else {
                return param;
            };
            let adamw = self.adamw.with_share(group.learning_rate, group.decays);
            param.map(|tensor| adamw.roll_back(tensor.inner(), &moments).autodiff().require_grad())
        }
    }
    model.map(&mut RollBack {
        adamw,
        param_groups: param_groups.iter(),
        moments: moments.into_iter(),
    })
}
