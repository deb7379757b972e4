//! Takes a run that was begun on a copy; makes a training step whose result is thrown away, so that a step can be timed
//! before a run.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::Tensor,
};

use super::{session::TrainingSession, update::Slopes};
use crate::{
    Result, device,
    kernels::{AdamW, Moments},
};

/// A step on `chosen` of a run's items: forward, backward and gradient norm as in the run, and AdamW parameter by
/// parameter on zeros that are dropped before the next, so that it needs less memory than the run will. Gives its time by
/// `now`, milliseconds since any moment, without what a run does once, as making room for the moments.
///
/// # Errors
/// `bad-state` where the model has no head; `device-lost`.
pub async fn rehearse(mut session: TrainingSession, chosen: &[usize], now: fn() -> f64) -> Result<f64> {
    let begun = now();
    let slopes = session.slopes(chosen).await?;
    let mut updates = Updates {
        slopes: slopes.into_iter(),
        last: None,
        now,
        made_room: 0.0,
    };
    session.current().visit(&mut updates);
    // A GPU has done nothing before something is read.
    if let Some(last) = updates.last {
        device::read(last).await?;
    }
    Ok(now() - begun - updates.made_room)
}

struct Updates {
    slopes: <Slopes as IntoIterator>::IntoIter,
    /// The last parameter's new value.
    last: Option<Tensor<1>>,
    now: fn() -> f64,
    /// Milliseconds.
    made_room: f64,
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
        if let Some(Some(slope)) = self.slopes.next() {
            let begun = (self.now)();
            let dimensions = param.val().dims();
            // Nobody else's, so that it is changed in place, as the run's own are.
            let tensor = Tensor::<D>::zeros(dimensions, &slope.device());
            let moments = Moments::zeros(&tensor);
            self.made_room += (self.now)() - begun;
            let (tensor, _) = adamw.update(tensor, slope.reshape(dimensions), moments);
            let count = tensor.shape().num_elements();
            self.last = (D == 1).then(|| tensor.reshape([count]));
        }
    }
}
