//! The site: web/dist/, complete with wasm and a checkpoint.
//!
//! Takes the repository and, if named, a checkpoint folder; gives the files that a static host serves, and prints their
//! sizes. Fails if a host would refuse one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::place::{Place, hex};
use crate::process::{capture, run};
use crate::{checkpoint, setup, wasm};

/// Static hosts refuse larger files. The checkpoint is exempt: a page may load it from elsewhere.
const LARGEST_BYTES: u64 = 25 * 1024 * 1024;
/// Files worth compressing, and so worth a line in the table.
const LISTED: [&str; 4] = ["wasm", "js", "css", "html"];

/// Sets up what is missing and builds web/dist/.
pub fn build(place: &Place, model: Option<&Path>) -> Result<()> {
    {
        let _held = place.hold()?;
        let checkpoint = checkpoint::folder(place, model)?;
        setup::node_packages(place)?;
        wasm::build(place)?;
        run(Command::new("npm")
            .args(["run", "--silent", "build"])
            .current_dir(place.web()))?;
        checkpoint::place_in(&place.dist(), &checkpoint)?;
    }
    let files = files_below(&place.dist())?;
    refuse_large(&place.dist(), &files)?;
    print_sizes(place, &files)
}

/// Every file of the site but the checkpoints, by name.
fn files_below(site: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![site.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{}: cannot be listed", folder.display()))? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            } else if path != site.join("models") {
                folders.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn refuse_large(site: &Path, files: &[PathBuf]) -> Result<()> {
    for file in files {
        let bytes = fs::metadata(file)?.len();
        if bytes > LARGEST_BYTES {
            let name = file.strip_prefix(site)?.display();
            bail!(
                "{name}: at most {LARGEST_BYTES} bytes were expected, since static hosts refuse more; {bytes} were found"
            );
        }
    }
    Ok(())
}

fn print_sizes(place: &Place, files: &[PathBuf]) -> Result<()> {
    let listed = files.iter().filter(|file| {
        LISTED
            .iter()
            .any(|end| file.extension().is_some_and(|found| found == *end))
    });
    let mut rows = Vec::new();
    for file in listed {
        let bytes = fs::read(file)?;
        rows.push((file, bytes.len() as u64, hex(&bytes)));
    }
    let known_at = place.sizes();
    let known: Map<String, Value> = fs::read_to_string(&known_at)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let new: Vec<_> = rows.iter().filter(|(_, _, hash)| !known.contains_key(hash)).collect();
    // Only this build's files are kept, so that the list does not grow.
    let mut sizes: Map<String, Value> = rows
        .iter()
        .filter_map(|(_, _, hash)| Some((hash.clone(), known.get(hash)?.clone())))
        .collect();
    if !new.is_empty() {
        let script = include_str!("compressed_sizes.mjs");
        let mut node = Command::new("node");
        node.args(["--input-type=module", "-e", script])
            .args(new.iter().map(|(file, _, _)| file));
        let measured: Vec<Value> = serde_json::from_str(&capture(&mut node)?).context("compressed sizes")?;
        sizes.extend(new.iter().map(|(_, _, hash)| hash.clone()).zip(measured));
        fs::write(&known_at, json!(sizes).to_string())?;
    }
    println!("{:<28}{:>12}{:>12}{:>12}", "web/dist/ (bytes)", "raw", "brotli", "gzip");
    for (file, raw, hash) in &rows {
        let name = file.strip_prefix(place.dist())?.display().to_string();
        let size = |kind: &str| sizes.get(hash).and_then(|size| size[kind].as_u64()).unwrap_or_default();
        println!("{name:<28}{raw:>12}{:>12}{:>12}", size("brotli"), size("gzip"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_checkpoint_may_be_large() {
        let site = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(site.path().join("models/default")).expect("made");
        fs::create_dir_all(site.path().join("sample")).expect("made");
        let large = |name: &str, bytes: u64| {
            fs::File::create(site.path().join(name))
                .and_then(|file| file.set_len(bytes))
                .expect("made");
        };
        large("models/default/model.safetensors", LARGEST_BYTES + 1);
        large("sample/a.csv", LARGEST_BYTES);
        let check = || refuse_large(site.path(), &files_below(site.path()).expect("listed"));
        check().expect("fits");
        large("sample/b.csv", LARGEST_BYTES + 1);
        let error = check().expect_err("too large").to_string();
        assert!(error.starts_with("sample/b.csv: at most"), "{error}");
    }
}
