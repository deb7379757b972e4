//! How long a device takes for an operation of [`super::trial`]: takes what is to be done, gives its mean time.

use burn::tensor::Tensor;

use super::take_rows;
use crate::{Result, device::read};

/// How an operation is timed.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Milliseconds since any moment.
    pub now: fn() -> f64,
    /// How often the operation is done, after once that is not counted.
    pub repeats: usize,
}

impl Clock {
    /// Until the device has done the last, less what it takes to learn that.
    pub(super) async fn mean<const D: usize>(self, mut work: impl FnMut() -> Tensor<D>) -> Result<f64> {
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
        Ok((ended - begun - (begun - asked)) / self.repeats.max(1) as f64)
    }
}

/// A device does what it is asked in order: its answer to this comes after everything before.
async fn read_one<const D: usize>(tensor: Tensor<D>) -> Result<()> {
    let count = tensor.shape().num_elements();
    read(take_rows(tensor.reshape([count, 1]), vec![0])).await.map(drop)
}
