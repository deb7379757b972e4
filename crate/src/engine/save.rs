//! The model as the files of a Hugging Face folder, and an adapter as those of a peft folder.

use serde_json::{Map, Value, json};

use super::state::Engine;
use crate::{
    Error, Result,
    checkpoint::{self, Class, Dtype, SavedAs, WeightsFile},
    model::{BertForSequenceClassification, Pooling},
    peft::{self, Adapter},
};

impl Engine {
    /// `model.safetensors` of the current weights, with a LoRA adapter merged into them.
    ///
    /// # Errors
    /// `bad-state` where an adapter of virtual tokens is on, or the class has a masked-LM head and the model none;
    /// `bad-option` where the model has bottlenecks and the class none, or 16-bit floats cannot hold a weight; `device-lost`.
    pub async fn save(&self, class: Class, dtype: Dtype) -> Result<Vec<u8>> {
        self.weights_file(class, dtype)?.whole().await
    }

    /// The same, to be read piece by piece.
    ///
    /// # Errors
    /// As [`Engine::save`]; `device-lost`, and what 16-bit floats cannot hold, only once it is read.
    pub fn weights_file(&self, class: Class, dtype: Dtype) -> Result<WeightsFile> {
        let (class, model) = (self.trained_class(class), self.current_model());
        if class != Class::Classifier && model.predictions.is_none() {
            return Err(Error::no_masked_lm_head());
        }
        if class == Class::MaskedLm && model.bottleneck_size().is_some() {
            return Err(Error::bad_option(
                "as",
                "\"both\" or \"classifier\": BertForMaskedLM has no bottlenecks",
                "\"masked-lm\", of a model with them",
            ));
        }
        match peft::merge(model) {
            Some(model) => {
                let own_class = self.saved_modeling_code(class).is_some();
                // Those of the model itself: a merged adapter makes 32-bit floats of others.
                let f32_matrices = checkpoint::f32_matrices(&self.with_needed_pooler(self.current_model().clone()));
                let model = self.with_needed_pooler(model);
                WeightsFile::new(&model, class, dtype, &f32_matrices, own_class)
            }
            None => Err(Error::bad_state(
                "a prompt or prefix adapter is on, and no checkpoint holds its virtual tokens",
                "saveAdapter() keeps them; useAdapter(null) before save() leaves them out",
            )),
        }
    }

    /// A masked-LM head that has learned nothing is not saved beside a classifier: read again, it would pass for a trained one.
    fn trained_class(&self, class: Class) -> Class {
        match class {
            Class::Both if self.current_model().predictions.is_some() && !self.masked_lm_trained => Class::Classifier,
            other => other,
        }
    }

    /// The model with the pooler that it uses itself, or that an adapter was trained on.
    fn with_needed_pooler(&self, model: BertForSequenceClassification) -> BertForSequenceClassification {
        let model = model.without_unused_pooler();
        let needs = |adapter: &Adapter| adapter.pooling == Some(Pooling::Pooler) && adapter.pooler.is_none();
        let is_needed = !model.has_pooler() && self.active.is_none() && self.adapters.values().any(needs);
        match self.spare_pooler.clone().filter(|_| is_needed) {
            Some((weight, bias)) => model.with_pooler(weight, bias),
            None => model,
        }
    }

    /// `config.json` of the saved model.
    pub fn saved_config(&self, class: Class, dtype: Dtype) -> String {
        let class = self.trained_class(class);
        let f32_modules = checkpoint::f32_modules(&self.with_needed_pooler(self.current_model().clone()));
        let f32_modules: Vec<String> = f32_modules.into_iter().filter(|name| class.holds(name)).collect();
        if class == Class::MaskedLm {
            let (pooling, normalizes) = (self.pooling, self.info.normalizes);
            return checkpoint::save_masked_lm_config(&self.config, dtype, &f32_modules, pooling, normalizes);
        }
        let saved = SavedAs {
            labels: &self.info.labels,
            pooling: self.pooling,
            normalizes: self.info.normalizes,
            problem_type: self.problem_type(),
            threshold: self.info.threshold,
            adapter_size: self.current_model().bottleneck_size(),
            dtype,
            f32_modules: &f32_modules,
        };
        checkpoint::save_config(&self.config, &saved)
    }

    /// `tokenizer_config.json` of the saved model. An encoder without segments is given none in Python either.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    pub fn saved_tokenizer_config(&self) -> Result<String> {
        let config = self.tokenizer.to_config_json()?;
        if self.config.type_vocab_size > 1 {
            return Ok(config);
        }
        let mut config: Map<String, Value> = serde_json::from_str(&config).unwrap_or_default();
        config.insert("model_input_names".into(), json!(["input_ids", "attention_mask"]));
        Ok(Value::Object(config).to_string())
    }

    /// `modeling_bertlet.py`, where no class of transformers computes the saved model.
    pub fn saved_modeling_code(&self, class: Class) -> Option<&'static str> {
        (class != Class::MaskedLm && self.needs_own_class()).then_some(checkpoint::MODELING_CODE)
    }

    pub(super) fn needs_own_class(&self) -> bool {
        checkpoint::needs_own_class(self.pooling, self.current_model().bottleneck_size())
    }

    /// `adapter_config.json` and `adapter_model.safetensors` of the adapter that is on. `base` is the base model's
    /// folder or Hugging Face id.
    ///
    /// # Errors
    /// `bad-state` where none is on; `device-lost`.
    pub async fn save_adapter(&mut self, base: &str) -> Result<(String, Vec<u8>)> {
        let adapter = self.current_adapter().ok_or_else(|| Error::no_adapter("saveAdapter"))?;
        peft::write(&adapter, &self.config, base, self.needs_own_class()).await
    }
}
