//! The site: web/dist/, complete with wasm and a checkpoint.
//!
//! Takes the repository and, if named, a checkpoint folder; gives the files that a static host serves, and prints their
//! sizes. Fails if a host would refuse one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::process::run;
use crate::{checkpoint, setup, sizes, wasm};

/// Static hosts refuse larger files. The checkpoint is exempt: a page may load it from elsewhere.
const LARGEST_BYTES: u64 = 25 * 1024 * 1024;

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
    sizes::print(place, &files)
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
