//! A smaller model of a loaded one: without word pieces that texts do not use, or without whole layers.

use burn::module::Module;
use serde_json::{Value, json};

use super::{infer::finite, state::Engine};
use crate::{
    Error, Result,
    device::{self, floats},
    kernels::{self, Dropout, Role, Storage},
    model::{BertForSequenceClassification, weight_bytes},
    text::{Row, prune_vocabulary},
};

impl Engine {
    /// Drops the word pieces that none of the texts use, as [`prune_vocabulary`] says. Answers on texts of the other pieces stay.
    ///
    /// # Errors
    /// `bad-state` for a tokenizer of another kind than WordPiece, or during a run; `bad-tokenizer`; `device-lost`.
    pub async fn prune_vocabulary(&mut self, texts: &[String]) -> Result<()> {
        self.refuse_while_running()?;
        let config = self.saved_tokenizer_config()?;
        let sizes = [self.config.vocab_size, self.info.max_length];
        let pruned = prune_vocabulary(self.tokenizer.as_ref(), &config, texts, &self.ids_in_config(), sizes)?;
        let model = self.current_model().clone();
        let words = model.bert.word_embeddings();
        let width = words.dims()[1];
        let storage = match (self.info.dtype, kernels::int8_role(words.dtype())) {
            (Storage::Int8, None) => Storage::F32,
            (dtype, _) => dtype,
        };
        let rows = chosen(device::read(kernels::to_f32(words)).await?, width, &pruned.kept);
        let shape = [pruned.kept.len(), width];
        let table = kernels::store(rows, shape, Role::Table, storage, &self.device.handle);
        let mut model = model.with_word_embeddings(table);
        if let Some(head) = model.predictions.take() {
            let bias = chosen(device::read(head.bias()).await?, 1, &pruned.kept);
            let bias = floats(bias, [pruned.kept.len()], &self.device.handle);
            model.predictions = Some(head.with_bias(bias));
        }
        let new_id = |old: u64| pruned.kept.binary_search(&u32::try_from(old).ok()?).ok();
        for (name, id) in &mut self.config.raw {
            if name.ends_with(TOKEN_ID)
                && let Some(new) = id.as_u64().and_then(new_id)
            {
                *id = json!(new);
            }
        }
        self.config.vocab_size = pruned.kept.len();
        self.config.raw.insert("vocab_size".into(), json!(pruned.kept.len()));
        self.tokenizer = pruned.tokenizer;
        self.info.vocab_size = pruned.kept.len();
        // Not the whole model's: an adapter that is on does not count.
        let before = self.current_model();
        let dropped = before.num_params() - model.num_params();
        let dropped_bytes = weight_bytes(before).saturating_sub(weight_bytes(&model));
        self.info.parameters -= dropped;
        self.info.weight_bytes = self.info.weight_bytes.saturating_sub(dropped_bytes);
        self.model = Some(model);
        Ok(())
    }

    /// Keeps these layers alone, by their numbers from 0, ascending. Adapters that are off no longer fit, and are dropped.
    ///
    /// # Errors
    /// `bad-option` for numbers that the model lacks; `bad-state` where an adapter is on, or during a run.
    pub fn prune_layers(&mut self, kept: &[usize]) -> Result<()> {
        self.refuse_while_running()?;
        self.refuse_adapter("prune")?;
        check_layers(kept, self.current_model().layers())?;
        let model = self.current_model().clone().with_layers(kept);
        self.adapters.clear();
        self.put_layers(model);
        Ok(())
    }

    /// As [`Engine::logits`], by these layers alone: what tells how much a model needs the others.
    ///
    /// # Errors
    /// `bad-option` for numbers that the model lacks; those of [`Engine::logits`].
    pub async fn logits_with_layers(&self, rows: &[&Row], kept: &[usize]) -> Result<Vec<f32>> {
        check_layers(kept, self.current_model().layers())?;
        let model = self.current_model().clone().with_layers(kept);
        match model.forward(&self.input(rows), &Dropout::off()) {
            Some(logits) => finite("logits", device::read(logits).await?),
            None => Err(Error::no_head()),
        }
    }

    /// The model with other layers becomes the engine's.
    pub(super) fn put_layers(&mut self, model: BertForSequenceClassification) {
        let (layers, encoder) = (model.layers(), self.config.encoder);
        let name = encoder.config_name("num_hidden_layers").to_owned();
        self.config.num_hidden_layers = layers;
        self.config.raw.insert(name, json!(layers));
        self.info.layers = layers;
        self.info.parameters = model.num_params();
        self.info.weight_bytes = weight_bytes(&model);
        self.model = Some(model);
    }

    /// The tokens that config.json names by their ids. Where positions begin after the padding token's id, all up to it.
    fn ids_in_config(&self) -> Vec<u32> {
        let named = self.config.raw.iter().filter(|(name, _)| name.ends_with(TOKEN_ID));
        let named = named.filter_map(|(_, id): (&String, &Value)| u32::try_from(id.as_u64()?).ok());
        named.chain(0..self.config.first_position as u32).collect()
    }

    fn refuse_adapter(&self, call: &str) -> Result<()> {
        match &self.active {
            None => Ok(()),
            Some(active) => Err(Error::bad_state(
                format!("{call}: the adapter {:?} is on", active.name),
                "mergeAdapter() puts it into the weights; useAdapter(null) leaves it out",
            )),
        }
    }
}

/// The end of the names of config.json's ids: `pad_token_id`.
const TOKEN_ID: &str = "_token_id";

/// Rows of a table of this width.
fn chosen(table: Vec<f32>, width: usize, rows: &[u32]) -> Vec<f32> {
    let row = |&row: &u32| &table[row as usize * width..][..width];
    rows.iter().flat_map(row).copied().collect()
}

/// Checks that layers are there, each once, in order.
///
/// # Errors
/// `bad-option`.
pub(super) fn check_layers(kept: &[usize], layers: usize) -> Result<()> {
    let ascending = kept.is_sorted_by(|a, b| a < b);
    match kept.last() {
        Some(&last) if ascending && last < layers => Ok(()),
        _ => Err(Error::bad_option(
            "layers",
            format!("numbers from 0 to {}, ascending, at least one", layers - 1),
            format!("{kept:?}"),
        )),
    }
}
