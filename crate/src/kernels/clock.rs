//! How long a device takes for something: takes what is to be done, gives its mean time.

use burn::tensor::Tensor;

use super::take_rows;
use crate::{Result, device::read};

/// How something is timed.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Milliseconds since any moment.
    pub now: fn() -> f64,
    /// How often it is done, after once that is not counted.
    pub repeats: usize,
}

impl Clock {
    /// Until the device has done the last, less what it takes to learn that.
    pub(super) async fn mean<const D: usize>(self, work: impl FnMut() -> Tensor<D>) -> Result<f64> {
        Ok(self.mean_and_answer(work).await?.0)
    }

    /// As [`Clock::mean`], and what it takes to learn that the device is done.
    pub(crate) async fn mean_and_answer<const D: usize>(
        self,
        mut work: impl FnMut() -> Tensor<D>,
    ) -> Result<(f64, f64)> {
        let output = work();
        read_one(output.clone()).await?;
        let asked = (self.now)();
        // Given away: an update works in place only where nobody else has what it updates.
        read_one(output).await?;
        let begun = (self.now)();
        for _ in 1..self.repeats {
            work();
        }
        read_one(work()).await?;
        let ended = (self.now)();
        let answer = begun - asked;
        Ok(((ended - begun - answer) / self.repeats.max(1) as f64, answer))
    }
}

/// A device does what it is asked in order: its answer to this comes after everything before.
async fn read_one<const D: usize>(tensor: Tensor<D>) -> Result<()> {
    let count = tensor.shape().num_elements();
    read(take_rows(tensor.reshape([count, 1]), vec![0])).await.map(drop)
}
