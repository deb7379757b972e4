//! The quick start in headless Chromium.
//!
//! Takes what to run, builds what of the site that needs, serves it, and lets web/scripts/headless.ts drive the page through the public
//! API. Prints what the script prints, as it comes; computes nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cli::HeadlessOptions;
use crate::process::{run, say};
use crate::serve::{self, Pending};
use crate::wasm::{Build, WEBGPU};
use crate::workspace::Workspace;
use crate::{setup, site, wasm};

pub fn run_quick_start(workspace: &Workspace, options: &HeadlessOptions) -> Result<()> {
    // Looked at before the build, which may take minutes.
    let data = options.data.as_deref().map(data_file).transpose()?;
    let out = options.out.as_deref().map(out_folder).transpose()?;
    let chromium = Box::new(|| setup::chromium().map(drop));
    site::prepare(
        workspace,
        options.model.as_deref(),
        &[build_for(options)],
        vec![chromium],
    )?;
    drive(workspace, options, data, out)
}

/// The build that Chromium takes: it has software for a GPU only, which `auto` passes over.
fn build_for(options: &HeadlessOptions) -> &'static Build {
    match options.device.as_deref() {
        Some("webgpu") => &WEBGPU,
        _ => wasm::first(),
    }
}

/// Runs the quick start on the site as it was built last.
fn drive(workspace: &Workspace, options: &HeadlessOptions, data: Option<PathBuf>, out: Option<PathBuf>) -> Result<()> {
    let chromium = setup::chromium()?;
    let address = serve::start(&workspace.dist(), options.port, Pending::default())?;
    say(format!(
        "Running the quick start in {} against {address}",
        chromium.display()
    ));
    let script = bundled(workspace)?;
    let mut node = Command::new("node");
    node.arg("--enable-source-maps")
        .arg(script)
        .arg("--site")
        .arg(address)
        .env("BERTLET_CHROMIUM", chromium);
    for (name, value) in [("--data", data), ("--out", out)] {
        if let Some(path) = value {
            node.arg(name).arg(path);
        }
    }
    if let Some(device) = &options.device {
        node.args(["--device", device]);
    }
    if let Some(epochs) = options.epochs {
        node.args(["--epochs", &epochs.to_string()]);
    }
    run(&mut node)
}

/// One epoch of the quick start, to see that it runs; the site is built by then.
pub fn test(workspace: &Workspace) -> Result<()> {
    let one_epoch = HeadlessOptions {
        epochs: Some(1),
        ..HeadlessOptions::default()
    };
    drive(workspace, &one_epoch, None, None)
}

/// # Errors
/// If there is no such file.
fn data_file(path: &Path) -> Result<PathBuf> {
    if !path.is_file() {
        bail!("--data {}: a CSV file was expected, none was found", path.display());
    }
    Ok(std::path::absolute(path)?)
}

/// # Errors
/// If something other than a folder is in the way.
fn out_folder(path: &Path) -> Result<PathBuf> {
    if path.exists() && !path.is_dir() {
        bail!(
            "--out {}: a folder or nothing was expected, a file was found",
            path.display()
        );
    }
    Ok(std::path::absolute(path)?)
}

/// The script as plain JavaScript, kept beside the packages that it imports.
fn bundled(workspace: &Workspace) -> Result<PathBuf> {
    let out = workspace.web().join("node_modules/.cache/headless.mjs");
    run(Command::new(workspace.web().join("node_modules/.bin/esbuild"))
        .args([
            "scripts/headless.ts",
            "--bundle",
            "--platform=node",
            "--format=esm",
            "--packages=external",
        ])
        .args(["--sourcemap=inline", "--log-level=warning", "--tsconfig-raw={}"])
        .arg(format!("--outfile={}", out.display()))
        .current_dir(workspace.web()))
    .context("web/scripts/headless.ts")?;
    Ok(out)
}
