//! The special tokens of a tokenizer: which it has, which its vocabulary must have, and which are saved by name.

use serde_json::{Map, Value};
use tokenizers::AddedToken;

use super::{
    model_kind::id_of,
    pipeline_source::{Source, unknown_token},
    tokenizer_class::{Class, Role},
    tokenizer_files::set_added_tokens,
};
use crate::Result;

/// A token, and its id in `tokenizer.json`.
type Listed<'a> = (&'a String, Option<u64>);

/// What `tokenizer.json` and `tokenizer_config.json` say of special tokens.
pub(super) struct SpecialTokens {
    class: Class,
    /// The token of each [`Role`].
    pub by_role: [AddedToken; 5],
    /// Their ids in `tokenizer.json`.
    listed: [Option<u64>; 5],
    /// Whether each is special in this tokenizer.
    is_special: [bool; 5],
    /// The model's own unknown token.
    pub unknown: Option<String>,
    unknown_id: Option<u64>,
    /// The added tokens that `tokenizer.json` did not have.
    pub configured: Vec<Value>,
}

impl SpecialTokens {
    /// Reads them, and puts the added tokens of `tokenizer_config.json` into the source's `tokenizer.json`.
    ///
    /// # Errors
    /// `bad-tokenizer` for added tokens without an id or a content.
    pub fn of(source: &mut Source) -> Result<Self> {
        let (class, config, json) = (source.class, source.config, &mut source.json);
        let tokens = Role::ALL.map(|role| class.token(role, config, json));
        let configured = set_added_tokens(json, config, class == Class::Generic)?;
        let unknown = unknown_token(json, source.kind);
        Ok(Self {
            class,
            listed: tokens.each_ref().map(|token| id_of(json, &token.content)),
            // A class has its own beside those that are named; a file that is read as it is has no class.
            is_special: Role::ALL.map(|role| class != Class::Generic || !config[role.key()].is_null()),
            unknown_id: unknown.as_ref().and_then(|token| id_of(json, token)),
            by_role: tokens,
            unknown,
            configured,
        })
    }

    pub fn content(&self, role: Role) -> &String {
        &self.by_role[role as usize].content
    }

    /// The tokens that are never split, also where the file does not list them.
    pub fn special(&self) -> Vec<AddedToken> {
        let tokens = self.by_role.iter().zip(self.is_special);
        tokens
            .filter(|(_, is_special)| *is_special)
            .map(|(token, _)| token.clone())
            .collect()
    }

    /// The tokens that the vocabulary must have.
    pub fn needed(&self) -> [Option<Listed<'_>>; 3] {
        // A file that is read as it is may have others around a text, or none.
        let has_frame = self.class != Class::Generic;
        let frame = |role: Role| has_frame.then(|| (self.content(role), self.listed[role as usize]));
        let unknown = self.unknown.as_ref().map(|token| (token, self.unknown_id));
        [frame(Role::Cls), frame(Role::Sep), unknown]
    }

    /// Puts the names of the special tokens and of the class into the saved `tokenizer_config.json`: named, other tokens would
    /// be special when it is read again. `ids` are the ids of the roles' tokens, where the vocabulary has them.
    pub fn save(&self, saved: &mut Map<String, Value>, ids: [Option<u32>; 5]) {
        for role in [Role::Pad, Role::Mask, Role::Cls, Role::Sep, Role::Unk] {
            // Not the model's own unknown token in place of one that the vocabulary lacks: it would be no word of a text any more.
            let is_known = ids[role as usize].is_some() || matches!(role, Role::Pad | Role::Mask);
            if is_known && self.is_special[role as usize] {
                saved.insert(role.key().into(), self.content(role).clone().into());
            }
        }
        saved.insert("tokenizer_class".into(), self.class.saved_name().into());
    }
}
