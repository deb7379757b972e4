//! The imports of the crate's files.
//!
//! Takes crate/src, gives an arrow for each path that begins with `crate`, `super` or `self`, or with a module by its
//! name, in `use` and in bodies alike. A re-export leads on to the file that defines the item.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::paths::{Crate, Mention, ModulePath, Reader};
use super::tokens::{take_tests, tokens};
use super::{Arrow, read, sources};

/// More re-exports than this one after another are a circle.
const MOST_STEPS: usize = 16;

/// What a path leads to.
#[derive(Debug)]
enum Found {
    Item(PathBuf),
    Module(ModulePath),
}

pub fn arrows(root: &Path, folder: &Path) -> Result<Vec<Arrow>> {
    let files = sources(root, &[&folder.display().to_string()], "rs")?;
    let mut texts = vec![];
    let mut of_tests: Vec<ModulePath> = vec![];
    for (file, text) in read(root, &files)? {
        let module = module_of(file.strip_prefix(folder)?);
        let mut found = tokens(&text);
        let only_tests = take_tests(&mut found);
        of_tests.extend(only_tests.into_iter().map(|name| [&module[..], &[name]].concat()));
        texts.push((file, module, found));
    }
    texts.retain(|(_, module, _)| !of_tests.iter().any(|test| module.starts_with(test)));
    let mut crate_ = Crate::default();
    for (file, module, _) in &texts {
        crate_.0.entry(module.clone()).or_default().file.clone_from(file);
    }
    let mentions: Vec<Mention> = texts
        .iter()
        .flat_map(|(file, module, found)| Reader::new(&mut crate_, file, module, found).read())
        .collect();
    Ok(mentions.iter().flat_map(|mention| crate_.arrows(mention)).collect())
}

/// `train/session.rs` and `train/session/mod.rs` are both `train::session`.
fn module_of(file: &Path) -> ModulePath {
    let plain = file.with_extension("");
    let mut parts: ModulePath = plain.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") || parts == ["lib"] {
        parts.pop();
    }
    parts
}

impl Crate {
    fn arrows(&self, mention: &Mention) -> Vec<Arrow> {
        let mut targets = vec![];
        // What is used by an imported item's name was an arrow in its `use`.
        let again = mention.named.is_none()
            && matches!(
                self.resolve(&mention.module, &mention.path[..1], 0),
                Some(Found::Item(_))
            );
        if again {
            return vec![];
        }
        match self.resolve(&mention.module, &mention.path, 0) {
            Some(Found::Item(file)) => targets.push(file),
            // A module that only hands on is no target itself: what is used through it is.
            Some(Found::Module(module)) => {
                let found = &self.0[&module];
                if found.opaque {
                    targets.push(found.file.clone());
                } else if mention.named.as_deref() == Some("*") {
                    targets.extend(found.imports.iter().filter_map(|import| {
                        match self.resolve(&module, &import.path, 0)? {
                            Found::Item(file) => Some(file),
                            Found::Module(_) => None,
                        }
                    }));
                }
            }
            None => {}
        }
        targets.retain(|to| *to != mention.file);
        let arrow = |to| Arrow {
            from: mention.file.clone(),
            line: mention.line,
            to,
            named: mention.path.join("::"),
        };
        targets.into_iter().map(arrow).collect()
    }

    /// What a path leads to from a module, re-exports followed. Nothing for another crate's names.
    fn resolve(&self, module: &[String], path: &[String], steps: usize) -> Option<Found> {
        if steps > MOST_STEPS {
            return None;
        }
        let first = path.first()?.as_str();
        let mut at = match first {
            "crate" => vec![],
            "self" => module.to_vec(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            name => {
                let child = [module, &[name.to_owned()]].concat();
                if !self.0.contains_key(&child) {
                    return self.through(module, path, steps);
                }
                child
            }
        };
        let mut rest = &path[1..];
        while let Some(name) = rest.first() {
            let child = [&at[..], std::slice::from_ref(name)].concat();
            if name == "super" {
                at.pop()?;
            } else if self.0.contains_key(&child) {
                at = child;
            } else {
                break;
            }
            rest = &rest[1..];
        }
        let found = self.0.get(&at)?;
        match rest.first() {
            None => Some(Found::Module(at)),
            Some(name) if found.defines.contains(name) => Some(Found::Item(found.file.clone())),
            Some(_) => self
                .through(&at, rest, steps)
                .or_else(|| Some(Found::Item(found.file.clone()))),
        }
    }

    /// Follows the first name of a path through the imports of a module.
    fn through(&self, module: &[String], path: &[String], steps: usize) -> Option<Found> {
        let found = self.0.get(module)?;
        let name = path.first()?;
        // A name that a file imports from another crate is none of ours, like `serde` in `serde::Serialize`.
        let usual = |import: &&Mention| import.named.as_deref() == Some(name) && import.path.first() != Some(name);
        if let Some(import) = found.imports.iter().find(usual) {
            let whole = [&import.path[..], &path[1..]].concat();
            return self.resolve(&import.module, &whole, steps + 1);
        }
        let globs = found
            .imports
            .iter()
            .filter(|import| import.named.as_deref() == Some("*"));
        globs
            .filter_map(|glob| match self.resolve(&glob.module, &glob.path, steps + 1)? {
                Found::Module(from) => {
                    let from_module = &self.0[&from];
                    match from_module.defines.contains(name) {
                        true => Some(Found::Item(from_module.file.clone())),
                        false => self.through(&from, path, steps + 1),
                    }
                }
                Found::Item(file) => Some(Found::Item(file)),
            })
            .next()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Where each arrow leads, as `from:line to`, of a crate with these files.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join("src").join(name);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        let arrows = arrows(folder.path(), Path::new("src")).expect("read");
        let short = |path: &Path| path.strip_prefix("src").expect("below").display().to_string();
        let shown = |arrow: &Arrow| format!("{}:{} {}", short(&arrow.from), arrow.line, short(&arrow.to));
        arrows.iter().map(shown).collect()
    }

    const DEEP: [(&str, &str); 4] = [
        ("lib.rs", "mod a;\npub use a::Deep;"),
        (
            "a/mod.rs",
            "mod b;\nmod c;\npub use b::*;\npub use c::{self as sea, Third as Last};",
        ),
        ("a/b.rs", "pub struct Deep;"),
        ("a/c.rs", "pub struct Third;\npub fn third() {}"),
    ];

    fn in_d(text: &str) -> Vec<String> {
        let mut files = DEEP.to_vec();
        files.push(("d.rs", text));
        let all = found(&files);
        all.into_iter().filter(|arrow| arrow.starts_with("d.rs")).collect()
    }

    #[test]
    fn re_exports_lead_to_the_file_that_defines() {
        assert_eq!(in_d("use crate::Deep;"), ["d.rs:1 a/b.rs"]);
        assert_eq!(
            in_d("use crate::a::{Deep,\n Last};"),
            ["d.rs:1 a/b.rs", "d.rs:2 a/c.rs"]
        );
        assert_eq!(in_d("use super::a::*;"), ["d.rs:1 a/c.rs"]);
    }

    #[test]
    fn a_module_by_its_name_is_followed_to_what_is_used() {
        assert_eq!(in_d("use crate::a;\nfn f() {\n a::Deep;\n}"), ["d.rs:3 a/b.rs"]);
        assert_eq!(
            in_d("use crate::a::sea;\nfn f() { sea::third::<u8>() }"),
            ["d.rs:1 a/c.rs", "d.rs:2 a/c.rs"]
        );
    }

    #[test]
    fn bodies_count_and_tests_comments_and_other_crates_do_not() {
        assert_eq!(in_d("fn f(x: &crate::a::Deep) {}"), ["d.rs:1 a/b.rs"]);
        assert_eq!(in_d("mod inner {\n use super::super::a::Deep;\n}"), ["d.rs:2 a/b.rs"]);
        let none = "/// crate::a::Deep\nuse serde::Deep;\npub(in crate::a) struct X;\n#[cfg(test)]\nmod tests {\n \
                    use crate::a::Deep;\n}";
        assert_eq!(in_d(none), [""; 0]);
    }

    #[test]
    fn files_of_tests_only_have_no_arrows() {
        let mut files = DEEP.to_vec();
        files.push(("d/mod.rs", "#[cfg(test)]\nmod fixtures;"));
        files.push(("d/fixtures.rs", "use crate::Deep;"));
        assert!(found(&files).iter().all(|arrow| !arrow.starts_with("d/")));
    }
}
