//! Labels that join a trained head: a row for each, beside rows that stay as they are.

use super::{load_options::check_labels, state::Engine};
use crate::{
    Error, Result,
    device::{self, floats},
};

impl Engine {
    /// Adds labels after the model's own. A label's row points where its examples do: it is the mean of their pooled states,
    /// as long as the other rows are in the mean, with the mean of their biases (weight imprinting, Qi et al. 2018).
    ///
    /// # Shapes
    /// - states: `[labels, hidden]`, row-major
    ///
    /// # Errors
    /// `bad-option` for the labels; `bad-state` where the model has no head, while an adapter is on, or during a run;
    /// `bad-row` for other states; `device-lost`.
    pub async fn add_labels(&mut self, labels: Vec<String>, states: &[f32]) -> Result<()> {
        self.refuse_while_running()?;
        self.refuse_with_adapter("learn: new labels")?;
        let (weight, bias) = self.current_model().head().ok_or_else(Error::no_head)?;
        let [hidden, old] = weight.dims();
        if states.len() != labels.len() * hidden || states.iter().any(|state| !state.is_finite()) {
            return Err(Error::bad_row("expected a pooled state of each new label"));
        }
        let new = labels.len();
        let labels = check_labels([self.info.labels.clone(), labels].concat())?;
        let (weight, bias) = (device::read(weight).await?, device::read(bias).await?);
        let square = |column: usize| -> f32 { weight.iter().skip(column).step_by(old).map(|x| x * x).sum() };
        let length = (0..old).map(|column| square(column).sqrt()).sum::<f32>() / old as f32;
        let rows = states.chunks_exact(hidden).map(|state| {
            let own = state.iter().map(|x| x * x).sum::<f32>().sqrt();
            (state, if own > 0.0 { length / own } else { 0.0 })
        });
        let rows: Vec<(&[f32], f32)> = rows.collect();
        let joined = (0..hidden).flat_map(|place| {
            let own = weight[place * old..(place + 1) * old].iter().copied();
            own.chain(rows.iter().map(move |(state, scale)| state[place] * scale))
        });
        let joined: Vec<f32> = joined.collect();
        let mean = bias.iter().sum::<f32>() / old as f32;
        let biases: Vec<f32> = bias.iter().copied().chain(std::iter::repeat_n(mean, new)).collect();
        let device = &self.device.handle;
        let joined = floats(joined, [hidden, old + new], device);
        let biases = floats(biases, [old + new], device);
        self.model = Some(self.current_model().clone().with_head(joined, biases));
        self.info.labels = labels;
        Ok(())
    }
}
