//! What a step does to the parameters of a model: gradients, their norm, AdamW, and taking a step back. Everything is in
//! the order of the module's visit, with nothing for a frozen parameter.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{DType, Device, Gradients, Tensor},
};

use super::param_groups::Share;
use crate::{
    kernels::{self, AdamW, Moments, square_sum},
    model::BertForSequenceClassification,
};

/// A gradient for each parameter, flat; none for a frozen one, and for one that the loss does not depend on.
pub type Slopes = Vec<Option<Tensor<1>>>;

/// Takes the gradients that a backward pass left.
pub fn slopes(model: &BertForSequenceClassification, gradients: &mut Gradients) -> Slopes {
    struct Take<'a> {
        gradients: &'a mut Gradients,
        found: Slopes,
    }
    impl ModuleVisitor for Take<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = param.val().grad_remove(self.gradients);
            self.found.push(gradient.map(|gradient| {
                let count = gradient.shape().num_elements();
                gradient.reshape([count])
            }));
        }
    }
    let mut visitor = Take {
        gradients,
        found: Vec::new(),
    };
    model.visit(&mut visitor);
    visitor.found
}

/// The sums of two.
pub fn added(some: Slopes, others: Slopes) -> Slopes {
    let both = some.into_iter().zip(others).map(|pair| match pair {
        (Some(a), Some(b)) => Some(kernels::add(a, b)),
        (a, b) => a.or(b),
    });
    both.collect()
}

/// Numbers in the selected parameters.
pub fn count(model: &BertForSequenceClassification, selection: &[Option<Share>]) -> usize {
    count_where(model, selection, &|_, _| true)
}

/// Of the selected parameters, the numbers in those whose place and type `counts` takes.
pub fn count_where(
    model: &BertForSequenceClassification,
    selection: &[Option<Share>],
    counts: &dyn Fn(usize, DType) -> bool,
) -> usize {
    struct Count<'a> {
        selection: std::iter::Enumerate<std::slice::Iter<'a, Option<Share>>>,
        counts: &'a dyn Fn(usize, DType) -> bool,
        found: usize,
    }
    impl ModuleVisitor for Count<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            match self.selection.next() {
                Some((place, Some(_))) if (self.counts)(place, param.val().dtype()) => {
                    self.found += param.lazy_shape().num_elements();
                }
                _ => {}
            }
        }
    }
    let mut visitor = Count {
        selection: selection.iter().enumerate(),
        counts,
        found: 0,
    };
    model.visit(&mut visitor);
    visitor.found
}

/// Sum of the squares of every gradient.
///
/// # Shapes
/// - output: `[1]`
pub fn squared_norm(slopes: &Slopes, device: &Device) -> Tensor<1> {
    square_sum(&slopes.iter().flatten().collect::<Vec<_>>(), device)
}

/// One AdamW step on every parameter that has a gradient. `moments` is empty at the first step.
pub fn apply(
    model: BertForSequenceClassification,
    adamw: AdamW,
    selection: &[Option<Share>],
    moments: Vec<Option<Moments>>,
    slopes: Slopes,
) -> (BertForSequenceClassification, Vec<Option<Moments>>) {
    struct Apply<'a> {
        adamw: AdamW,
        selection: std::slice::Iter<'a, Option<Share>>,
        slopes: std::vec::IntoIter<Option<Tensor<1>>>,
        old: std::vec::IntoIter<Option<Moments>>,
        new: Vec<Option<Moments>>,
    }
    impl ModuleMapper for Apply<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let moments = self.old.next().flatten();
            let (Some(Some(share)), Some(Some(slope))) = (self.selection.next(), self.slopes.next()) else {
                self.new.push(moments);
                return param;
            };
            let adamw = self.adamw.with_share(share.learning_rate, share.decays);
            param.map(|tensor| {
                let moments = moments.unwrap_or_else(|| Moments::zeros(&tensor));
                let shape = tensor.dims();
                let (tensor, moments) = adamw.update(tensor.inner(), slope.reshape(shape), moments);
                self.new.push(Some(moments));
                tensor.autodiff().require_grad()
            })
        }
    }
    let mut mapper = Apply {
        adamw,
        selection: selection.iter(),
        slopes: slopes.into_iter(),
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
    selection: &[Option<Share>],
    moments: Vec<Option<Moments>>,
) -> BertForSequenceClassification {
    struct Undo<'a> {
        adamw: AdamW,
        selection: std::slice::Iter<'a, Option<Share>>,
        moments: std::vec::IntoIter<Option<Moments>>,
    }
    impl ModuleMapper for Undo<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let (Some(Some(share)), Some(Some(moments))) = (self.selection.next(), self.moments.next()) else {
                return param;
            };
            let adamw = self.adamw.with_share(share.learning_rate, share.decays);
            param.map(|tensor| adamw.roll_back(tensor.inner(), &moments).autodiff().require_grad())
        }
    }
    model.map(&mut Undo {
        adamw,
        selection: selection.iter(),
        moments: moments.into_iter(),
    })
}
