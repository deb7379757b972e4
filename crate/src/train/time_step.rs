//! Times one training step before a run: takes a session that was begun on a copy, and drops the step's result.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::Tensor,
};

use super::{session::TrainingSession, update::ParamGradients};
use crate::{
    Result, device,
    kernels::{AdamW, Moments},
};

/// Milliseconds of a step on the `chosen` items, by the clock `now`.
///
/// Forward pass, backward pass and gradient norm are those of the run. AdamW updates zeros, parameter by parameter, and
/// each result is dropped before the next: that takes less memory than the run will. What a run does only once, such as
/// allocating the moments, is left out.
///
/// # Errors
/// `bad-state` where the model has no head; `device-lost`.
pub async fn time_step(mut session: TrainingSession, chosen: &[usize], now: fn() -> f64) -> Result<f64> {
    let start = now();
    let gradients = session.first_gradients(chosen).await?;
    let mut updates = Updates {
        gradients: gradients.into_iter(),
        last: None,
        now,
        allocation_ms: 0.0,
    };
    session.autodiff_model().visit(&mut updates);
    // A GPU has done nothing before something is read.
    if let Some(last) = updates.last {
        device::read(last).await?;
    }
    Ok(now() - start - updates.allocation_ms)
}

struct Updates {
    gradients: <ParamGradients as IntoIterator>::IntoIter,
    /// The last parameter's new value.
    last: Option<Tensor<1>>,
    now: fn() -> f64,
    allocation_ms: f64,
}

impl ModuleVisitor for Updates {
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
        if let Some(Some(gradient)) = self.gradients.next() {
            let start = (self.now)();
            let dimensions = param.val().dims();
            // Owned by nobody else, so that it is updated in place, as the run's own parameters are.
            let tensor = Tensor::<D>::zeros(dimensions, &gradient.device());
            let moments = Moments::zeros(&tensor);
            self.allocation_ms += (self.now)() - start;
            let (tensor, _) = adamw.update(tensor, gradient.reshape(dimensions), moments);
            let count = tensor.shape().num_elements();
            self.last = (D == 1).then(|| tensor.reshape([count]));
        }
    }
}
