//! The model as the files of a Hugging Face folder, and an adapter as those of a peft folder.

use super::Engine;
use crate::{
    Error, Result,
    checkpoint::{self, Class, Dtype, SavedAs},
    peft,
    train::no_masked_lm,
};

impl Engine {
    /// `model.safetensors` of the current weights, with what LoRA adds merged into them.
    ///
    /// # Errors
    /// `bad-option` where an adapter of virtual tokens is on, the class has a masked-LM head and the model none, or the
    /// model has bottlenecks and the class none; `device-lost`.
    pub async fn save(&self, class: Class, dtype: Dtype) -> Result<Vec<u8>> {
        let model = self.current_model();
        if class != Class::Classifier && model.predictions.is_none() {
            return Err(no_masked_lm());
        }
        if class == Class::MaskedLm && model.bottleneck_size().is_some() {
            return Err(Error::BadOption {
                name: "as",
                expected: "\"both\" or \"classifier\": BertForMaskedLM has no bottlenecks".to_owned(),
                found: "\"masked-lm\", of a model with them".to_owned(),
            });
        }
        match peft::merged(model) {
            Some(model) => checkpoint::save_weights(&model, class, dtype).await,
            None => Err(Error::BadOption {
                name: "save",
                expected: "a model without virtual tokens, which no checkpoint holds: saveAdapter() keeps them"
                    .to_owned(),
                found: "a prompt or prefix adapter".to_owned(),
            }),
        }
    }

    /// `config.json` beside it.
    pub fn saved_config(&self, class: Class, dtype: Dtype) -> String {
        if class == Class::MaskedLm {
            return checkpoint::save_masked_lm_config(&self.config, dtype);
        }
        let saved = SavedAs {
            labels: &self.info.labels,
            pooling: self.pooling,
            problem_type: self.problem_type,
            threshold: self.info.threshold,
            adapter_size: self.current_model().bottleneck_size(),
            dtype,
        };
        checkpoint::save_config(&self.config, &saved)
    }

    /// `modeling_bertlet.py` beside it, for what transformers' own class does not compute.
    pub fn saved_modeling_code(&self, class: Class) -> Option<&'static str> {
        let own_class = class != Class::MaskedLm
            && checkpoint::needs_own_class(self.pooling, self.current_model().bottleneck_size());
        own_class.then_some(checkpoint::MODELING_CODE)
    }

    /// `adapter_config.json` and `adapter_model.safetensors` of the adapter that is on; `base` is what peft is told of the
    /// model that it stands on.
    ///
    /// # Errors
    /// `bad-option` where none is on; `device-lost`.
    pub async fn save_adapter(&mut self, base: &str) -> Result<(String, Vec<u8>)> {
        let adapter = self.current_adapter().ok_or_else(|| Error::BadOption {
            name: "saveAdapter",
            expected: "an adapter that is on: trained by lora, adalora, prompt or prefix, or added".to_owned(),
            found: "none".to_owned(),
        })?;
        peft::write(&adapter, &self.config, base).await
    }
}
