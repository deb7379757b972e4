//! The site: web/dist/, complete with wasm and a checkpoint.
//!
//! Takes the repository and, if named, a checkpoint folder; gives the files that a static host serves, and prints their
//! sizes. Fails if a host would refuse one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::process::run;
use crate::progress::{Work, side_by_side};
use crate::wasm::{BUILDS, Build, Wasm, binder};
use crate::workspace::Workspace;
use crate::{checkpoint, setup, sizes};

/// Static hosts refuse larger files. The checkpoint is exempt: a page may load it from elsewhere.
const LARGEST_BYTES: u64 = 25 * 1024 * 1024;

/// Sets up what is missing and builds web/dist/ with every build of the wasm; prints the sizes and holds their limits.
pub fn build(workspace: &Workspace, model: Option<&Path>) -> Result<()> {
    prepare(workspace, model, &BUILDS, vec![])?;
    let files = files_below(&workspace.dist())?;
    refuse_large(&workspace.dist(), &files)?;
    sizes::print(workspace, &files)
}

/// Builds the site, and the npm package out of it into web/package/.
pub fn package(workspace: &Workspace) -> Result<()> {
    build(workspace, None)?;
    let mut node = Command::new("node");
    run(node.arg("scripts/package.mjs").current_dir(workspace.web()))
}

/// Sets up what is missing and builds web/dist/ with `builds` and those that the cache has; gives those still lacking.
///
/// `beside` is done meanwhile: most of the steps wait for the network, and the compiler does not.
pub fn prepare(
    workspace: &Workspace,
    model: Option<&Path>,
    builds: &[&Build],
    beside: Vec<Work>,
) -> Result<Vec<&'static Build>> {
    let _held = workspace.hold()?;
    let checkpoint = Mutex::new(None);
    let lacking = Mutex::new(vec![]);
    let wasm = || -> Result<()> {
        let wasm = Wasm::of(workspace)?;
        let mut left = wasm.put_known()?;
        let wanted: Vec<&Build> = left
            .iter()
            .copied()
            .filter(|build| builds.iter().any(|wanted| wanted.name == build.name))
            .collect();
        left.retain(|build| wanted.iter().all(|made| made.name != build.name));
        *lacking.lock().expect("no thread panicked with it") = left;
        if wanted.is_empty() {
            return Ok(());
        }
        side_by_side(vec![
            Box::new(|| binder(workspace).map(drop)),
            Box::new(|| wasm.make(&wanted, &|_| Ok(()))),
        ])
    };
    let mut works: Vec<Work> = vec![
        Box::new(|| {
            *checkpoint.lock().expect("no thread panicked with it") = Some(checkpoint::folder(workspace, model)?);
            Ok(())
        }),
        Box::new(|| setup::node_packages(workspace)),
        Box::new(wasm),
    ];
    works.extend(beside);
    side_by_side(works)?;
    bundle(workspace, None)?;
    let checkpoint = checkpoint.into_inner()?.context("no checkpoint")?;
    checkpoint::place_in(&workspace.dist(), &checkpoint)?;
    Ok(lacking.into_inner()?)
}

/// Makes the builds that a served site lacks and adds each to web/dist/ when it is there; `each` is told.
pub fn complete(workspace: &Workspace, lacking: &[&'static Build], each: &(dyn Fn(&Build) + Sync)) -> Result<()> {
    let _held = workspace.hold()?;
    let wasm = Wasm::of(workspace)?.gently();
    wasm.make(lacking, &|build| {
        bundle(workspace, Some(build))?;
        each(build);
        Ok(())
    })
}

/// Bundles web/dist/: all of it with what is in web/wasm/, or one build of the wasm only.
fn bundle(workspace: &Workspace, only: Option<&Build>) -> Result<()> {
    let mut node = Command::new("npm");
    node.args(["run", "--silent", "build"]).current_dir(workspace.web());
    if let Some(build) = only {
        node.args(["--", build.name]);
    }
    run(&mut node)
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
