//! Times work on a device: takes what is to be done, gives its mean time.

use burn::tensor::Tensor;

use super::gather_rows;
use crate::{Result, device::read};

/// How something is timed.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Milliseconds since any moment.
    pub now: fn() -> f64,
    /// How often the work is done, after a first time that is not counted.
    pub repeats: usize,
}

impl Clock {
    /// The mean time of `work`, until the device has done the last, less the time that its answer takes.
    pub(crate) async fn mean<const D: usize>(self, work: impl FnMut() -> Tensor<D>) -> Result<f64> {
        Ok(self.mean_and_answer(work).await?.0)
    }

    /// As [`Clock::mean`], and the time that the device's answer takes.
    pub(crate) async fn mean_and_answer<const D: usize>(
        self,
        mut work: impl FnMut() -> Tensor<D>,
    ) -> Result<(f64, f64)> {
        let output = work();
        read_one(output.clone()).await?;
        let asked = (self.now)();
        // The output is given away: an update works in place only where nobody else holds what it updates.
        read_one(output).await?;
        let started = (self.now)();
        for _ in 1..self.repeats {
            work();
        }
        read_one(work()).await?;
        let ended = (self.now)();
        let answer = started - asked;
        Ok(((ended - started - answer) / self.repeats.max(1) as f64, answer))
    }
}

/// Waits until the device is done: it works in order, so its answer to this comes after everything before.
async fn read_one<const D: usize>(tensor: Tensor<D>) -> Result<()> {
    let count = tensor.shape().num_elements();
    read(gather_rows(tensor.reshape([count, 1]), vec![0])).await.map(drop)
}
