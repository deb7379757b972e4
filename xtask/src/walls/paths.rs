//! The paths that a Rust file mentions, and the items that it defines.
//!
//! Takes the tokens of a file, gives its mentions of modules and items with their lines; leads none of them to a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::tokens::Token;

/// Names from the crate's root on: `["train", "session"]`.
pub type ModulePath = Vec<String>;

/// A path as it is written, and where.
#[derive(Debug, Clone)]
pub struct Mention {
    pub file: PathBuf,
    pub line: usize,
    pub module: ModulePath,
    pub path: Vec<String>,
    /// The name that a `use` gives it in its module; `*` for all.
    pub named: Option<String>,
}

/// A module: what it defines, and what it brings in.
#[derive(Debug, Default)]
pub struct Module {
    pub file: PathBuf,
    pub defines: BTreeSet<String>,
    /// Has items of its own, and not only modules and re-exports.
    pub opaque: bool,
    pub imports: Vec<Mention>,
}

/// The modules of a crate by their paths.
#[derive(Debug, Default)]
pub struct Crate(pub BTreeMap<ModulePath, Module>);

/// Reads one file's tokens into the crate, and gives the paths that it mentions.
pub struct Reader<'a> {
    crate_: &'a mut Crate,
    file: &'a Path,
    tokens: &'a [Token],
    module: ModulePath,
    /// Depths of the braces of inline modules.
    inline: Vec<usize>,
    depth: usize,
    mentions: Vec<Mention>,
}

impl<'a> Reader<'a> {
    pub fn new(crate_: &'a mut Crate, file: &'a Path, module: &[String], tokens: &'a [Token]) -> Self {
        Self {
            crate_,
            file,
            tokens,
            module: module.to_vec(),
            inline: vec![],
            depth: 0,
            mentions: vec![],
        }
    }

    fn text(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    pub fn read(mut self) -> Vec<Mention> {
        let mut at = 0;
        while at < self.tokens.len() {
            at = self.read_at(at);
        }
        self.mentions
    }

    /// Reads what begins at a token, and gives where to go on.
    fn read_at(&mut self, at: usize) -> usize {
        let text = self.text(at);
        match text {
            "{" => self.depth += 1,
            "}" => {
                if self.inline.last() == Some(&self.depth) {
                    self.inline.pop();
                    self.module.pop();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            "mod" if self.text(at + 2) == "{" => {
                self.module.push(self.text(at + 1).to_owned());
                self.depth += 1;
                self.inline.push(self.depth);
                let module = self.crate_.0.entry(self.module.clone()).or_default();
                module.file = self.file.to_path_buf();
                return at + 3;
            }
            "use" if self.text(at + 1) != "<" => return self.tree(at + 1, &[], true),
            "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union" | "impl" | "macro_rules" => {
                self.define(at);
            }
            _ if self.begins_a_path(at) => return self.tree(at, &[], false),
            _ => {}
        }
        at + 1
    }

    fn define(&mut self, at: usize) {
        if self.inline.last().copied().unwrap_or(0) != self.depth {
            return;
        }
        let name = self
            .text(if self.text(at + 1) == "!" { at + 2 } else { at + 1 })
            .to_owned();
        let nameless = self.text(at) == "impl";
        let module = self.crate_.0.entry(self.module.clone()).or_default();
        module.opaque = true;
        if !nameless {
            module.defines.insert(name);
        }
    }

    fn begins_a_path(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |before| self.text(before));
        let is_name = self
            .text(at)
            .starts_with(|first: char| first.is_alphabetic() || first == '_');
        is_name && self.text(at + 1) == "::" && !matches!(before, "::" | "." | "in")
    }

    /// Reads a path, or in a `use` a tree of them, after `prefix`; gives where to go on.
    fn tree(&mut self, at: usize, prefix: &[String], in_use: bool) -> usize {
        let mut path = prefix.to_vec();
        let mut at = at;
        loop {
            match self.text(at) {
                "{" if in_use => return self.group(at + 1, &path),
                "*" if in_use => {
                    self.mention(at, path, Some("*".to_owned()));
                    return at + 1;
                }
                "::" => {}
                name if name.starts_with(|first: char| first.is_alphabetic() || first == '_') => {
                    path.push(name.to_owned());
                    if self.text(at + 1) != "::" {
                        let alias = in_use && self.text(at + 1) == "as";
                        // `use a::{self}` is `use a`.
                        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                            path.pop();
                        }
                        let named = if alias {
                            self.text(at + 2).to_owned()
                        } else {
                            path[path.len() - 1].clone()
                        };
                        self.mention(at, path, in_use.then_some(named));
                        return if alias { at + 3 } else { at + 1 };
                    }
                }
                // The types of a generic function: the path ends before them.
                _ => {
                    if !path.is_empty() {
                        self.mention(at.saturating_sub(1), path, None);
                    }
                    return at;
                }
            }
            at += 1;
        }
    }

    /// Reads the trees of a `{…}` in a `use`.
    fn group(&mut self, at: usize, prefix: &[String]) -> usize {
        let mut at = at;
        while at < self.tokens.len() {
            match self.text(at) {
                "}" => return at + 1,
                "," => at += 1,
                _ => {
                    let next = self.tree(at, prefix, true);
                    at = next.max(at + 1);
                }
            }
        }
        at
    }

    fn mention(&mut self, at: usize, path: Vec<String>, named: Option<String>) {
        let mention = Mention {
            file: self.file.to_path_buf(),
            line: self.tokens[at].line,
            module: self.module.clone(),
            path,
            named,
        };
        if mention.named.is_some() {
            let module = self.crate_.0.entry(self.module.clone()).or_default();
            module.imports.push(mention.clone());
        }
        self.mentions.push(mention);
    }
}
