//! The encoder's matrices in another number format.

use super::state::Engine;
use crate::{Error, Result, checkpoint, kernels::Storage, model::weight_bytes};

impl Engine {
    /// Keeps the encoder's matrices as `storage`, but for those of the layers `f32_layers`. What was rounded before stays so.
    ///
    /// # Errors
    /// `bad-state` during a run; `bad-option` for a layer that the model does not have; `device-lost`.
    pub async fn quantize(&mut self, storage: Storage, f32_layers: &[usize]) -> Result<()> {
        self.refuse_while_running()?;
        let layers = self.config.num_hidden_layers;
        if let Some(layer) = f32_layers.iter().find(|layer| **layer >= layers) {
            return Err(Error::bad_option(
                "f32Layers",
                format!("layers from 0 to {}", layers - 1),
                layer,
            ));
        }
        let model = checkpoint::converted(self.current_model(), storage, f32_layers, &self.device.handle).await?;
        self.info.dtype = checkpoint::storage(&model, storage);
        // An adapter that is on does not count.
        let of_adapter = match self.active {
            Some(_) => weight_bytes(self.current_model()).saturating_sub(self.info.weight_bytes),
            None => 0,
        };
        self.info.weight_bytes = weight_bytes(&model) - of_adapter;
        self.model = Some(model);
        Ok(())
    }
}
