//! Writes adapter_config.json as peft does.

use serde_json::{Map, Value, json};

use super::{
    config::{AdapterConfig, AdapterKind},
    options::{AdaloraOptions, LoraOptions},
};
use crate::model::BertConfig;

impl AdapterConfig {
    /// `adapter_config.json` of an adapter. `config` is the base model's; `kept` says for each of AdaLoRA's layers which
    /// singular values stayed, `ranks` the rank of each layer, `pooler` the module of the adapter's own pooler, if it has one.
    pub fn write(
        &self,
        config: &BertConfig,
        base: &str,
        kept: &[(String, Vec<bool>)],
        ranks: &[(String, usize)],
        pooler: Option<&str>,
    ) -> String {
        let mut saved = Settings(Map::new());
        saved.put("base_model_name_or_path", json!(base));
        saved.put("task_type", json!("SEQ_CLS"));
        saved.put("inference_mode", json!(true));
        match &self.kind {
            AdapterKind::Lora(options) => saved.put_lora(options, ranks, pooler),
            AdapterKind::Adalora(options, steps) => saved.put_adalora(options, *steps, kept, pooler),
            AdapterKind::Prompt { tokens } => {
                saved.put("peft_type", json!("PROMPT_TUNING"));
                saved.put("num_virtual_tokens", json!(tokens));
                saved.put("prompt_tuning_init", json!("RANDOM"));
            }
            AdapterKind::Prefix { tokens } => {
                saved.put("peft_type", json!("PREFIX_TUNING"));
                saved.put("num_virtual_tokens", json!(tokens));
                saved.put("prefix_projection", json!(false));
                saved.put("encoder_hidden_size", json!(config.hidden_size));
            }
        }
        if self.virtual_tokens() > 0 {
            saved.put_dimensions(config);
        }
        format!("{:#}\n", Value::Object(saved.0))
    }
}

/// The file's settings, in their order.
struct Settings(Map<String, Value>);

impl Settings {
    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn put_lora(&mut self, options: &LoraOptions, ranks: &[(String, usize)], pooler: Option<&str>) {
        self.put_low_rank(options.alpha, options.dropout, &options.target_modules);
        self.put("peft_type", json!("LORA"));
        self.put("r", json!(options.rank));
        self.put_saved_modules(pooler);
        // A layer of another rank keeps the factor of all.
        let others = || ranks.iter().filter(|(_, rank)| *rank != options.rank);
        if others().next().is_some() {
            let alpha = |rank: usize| json!(options.alpha * rank as f64 / options.rank as f64);
            let ranks = others().map(|(name, rank)| (name.clone(), json!(rank)));
            self.put("rank_pattern", Value::Object(ranks.collect()));
            let alphas = others().map(|(name, rank)| (name.clone(), alpha(*rank)));
            self.put("alpha_pattern", Value::Object(alphas.collect()));
        }
    }

    fn put_adalora(
        &mut self,
        options: &AdaloraOptions,
        steps: usize,
        kept: &[(String, Vec<bool>)],
        pooler: Option<&str>,
    ) {
        self.put_low_rank(options.alpha, options.dropout, &options.target_modules);
        let share = |ratio: f64| json!((ratio * steps as f64).round() as usize);
        self.put("peft_type", json!("ADALORA"));
        self.put("init_r", json!(options.initial_rank));
        self.put("target_r", json!(options.target_rank));
        self.put("tinit", share(options.warmup_ratio));
        self.put("tfinal", share(options.final_ratio));
        self.put("deltaT", json!(options.interval));
        self.put("beta1", json!(options.beta1));
        self.put("beta2", json!(options.beta2));
        self.put("orth_reg_weight", json!(options.orthogonality));
        self.put("total_step", json!(steps));
        self.put_saved_modules(pooler);
        // A mask of peft's is over the ranks at the start, some of which are gone where the adapter was read.
        let ranks = kept.iter().map(|(name, kept)| {
            let mut kept = kept.clone();
            kept.resize(options.initial_rank, false);
            (format!("{name}.lora_E"), json!(kept))
        });
        self.put("rank_pattern", Value::Object(ranks.collect()));
    }

    /// What LoRA's and AdaLoRA's have in common.
    fn put_low_rank(&mut self, alpha: f64, dropout: f64, modules: &[String]) {
        self.put("lora_alpha", json!(alpha));
        self.put("lora_dropout", json!(dropout));
        self.put("target_modules", json!(modules));
        self.put("bias", json!("none"));
        self.put("fan_in_fan_out", json!(false));
        self.put("init_lora_weights", json!(true));
    }

    /// The modules that are trained whole: the head, and the adapter's own pooler.
    fn put_saved_modules(&mut self, pooler: Option<&str>) {
        // A module of the classifier is saved with it.
        let pooler = pooler.filter(|pooler| *pooler != "classifier");
        let modules: Vec<&str> = std::iter::once("classifier").chain(pooler).collect();
        self.put("modules_to_save", json!(modules));
    }

    /// The base model's dimensions, which virtual tokens need.
    fn put_dimensions(&mut self, config: &BertConfig) {
        self.put("token_dim", json!(config.hidden_size));
        self.put("num_layers", json!(config.num_hidden_layers));
        self.put("num_attention_heads", json!(config.num_attention_heads));
        self.put("num_transformer_submodules", json!(1));
    }
}
