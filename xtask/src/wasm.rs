//! The crate as WebAssembly: crate/ -> web/wasm/.
//!
//! Takes the crate's sources, gives `bertlet_wasm.js`, its types and `bertlet_wasm_bg.wasm`, optimized for size. Chooses
//! the toolchain: the one in use if it can build for wasm32, else the distribution's. What wasm-bindgen and wasm-opt
//! make is cached by a hash of their input, since wasm-opt takes minutes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::place::{Place, hex};
use crate::process::{capture, cargo, foreign_cargo, on_path, run, run_within, say};
use crate::setup;

const TARGET: &str = "wasm32-unknown-unknown";
/// rustup gets this long to fetch some 20 MB, so that a machine that cannot reach its server does not hang.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);
/// Debian's toolchain for web browsers: compiler, cargo and the standard library's sources, all of one version.
const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
/// For size; the features in use are read from the wasm itself.
const WASM_OPT: [&str; 3] = ["-Os", "--strip-producers", "--strip-target-features"];

/// Builds web/wasm/.
pub fn build(place: &Place) -> Result<()> {
    let mut command = compiler()?;
    let bindgen = setup::wasm_bindgen(place)?;
    let target = place.target("wasm")?;
    let made = target.join(TARGET).join("release/bertlet.wasm");
    if !made.is_file() {
        say("Compiling the crate to WebAssembly: some minutes the first time, seconds later");
    }
    run(command
        .args([
            "build",
            "--release",
            "--package",
            "bertlet",
            "--features",
            "webgpu",
            "--target",
            TARGET,
        ])
        .env("CARGO_TARGET_DIR", &target)
        // wasm-bindgen and wasm-opt read which features of wasm are in use from a section that full stripping drops;
        // they strip it, and the names, themselves.
        .env("CARGO_PROFILE_RELEASE_STRIP", "debuginfo")
        .current_dir(&place.root))?;
    copy_folder(&packaged(place, &bindgen, &made)?, &place.root.join("web/wasm"))
}

/// A cargo that can build for wasm32, looked for from the quickest to the slowest way.
fn compiler() -> Result<Command> {
    if active_has_target()? {
        return Ok(cargo());
    }
    if debian_is_complete() {
        return Ok(debian());
    }
    if on_path("rustup").is_some() {
        say("Adding the wasm32 standard library with rustup: the crate is compiled to WebAssembly");
        match run_within(RUSTUP_LIMIT, Command::new("rustup").args(["target", "add", TARGET])) {
            Ok(()) if active_has_target()? => return Ok(cargo()),
            Ok(()) => {
                say("rustup added it to another toolchain than the one in use; taking the distribution's instead")
            }
            Err(failure) => say(format!("{failure:#}; taking the distribution's compiler instead")),
        }
    }
    setup::apt_install(
        &DEBIAN,
        "a Rust toolchain for WebAssembly, with its standard library's sources",
    )
    .context("no toolchain for wasm32: neither rustup nor the distribution gave one")?;
    Ok(debian())
}

/// Whether the toolchain in use has the standard library for wasm32.
fn active_has_target() -> Result<bool> {
    let sysroot = capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(&sysroot)
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir())
}

fn debian_is_complete() -> bool {
    on_path("dpkg-query").is_some()
        && capture(
            Command::new("sh")
                .args([
                    "-c",
                    "dpkg-query -W -f='${db:Status-Status}\\n' \"$@\" 2>/dev/null",
                    "sh",
                ])
                .args(DEBIAN),
        )
        .is_ok_and(|found| found.lines().filter(|status| *status == "installed").count() == DEBIAN.len())
}

/// Debian's cargo by its full name, since rustup's come first on the PATH. It carries no library for wasm32 but the
/// sources, so the standard library is built along, which only an unlocked compiler does.
fn debian() -> Command {
    let mut command = foreign_cargo("/usr/bin/cargo");
    command
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
        .arg("-Zbuild-std=std,panic_abort");
    command
}

/// The folder with what wasm-bindgen and wasm-opt make of a compiled crate.
fn packaged(place: &Place, bindgen: &Path, made: &Path) -> Result<PathBuf> {
    let wasm = fs::read(made).with_context(|| format!("{}: expected from the build, not found", made.display()))?;
    let optimizer = place.web().join("node_modules/binaryen");
    let versions = [
        capture(Command::new(bindgen).arg("--version"))?,
        fs::read_to_string(optimizer.join("package.json")).context("npm's binaryen: expected in web/node_modules")?,
        WASM_OPT.join(" "),
    ];
    let key = hex(format!("{} {}", hex(&wasm), versions.join(" ")).as_bytes());
    let folder = place.keyed("packaged", "bertlet", &key[..16])?;
    let done = folder.join("bertlet_wasm_bg.wasm");
    if done.is_file() {
        return Ok(folder);
    }
    run(Command::new(bindgen)
        .args([
            "--target",
            "web",
            "--remove-name-section",
            "--out-name",
            "bertlet_wasm",
            "--out-dir",
        ])
        .arg(&folder)
        .arg(made))?;
    // The optimized file takes the final name last: a folder that has it is complete.
    let raw = folder.join("unoptimized.wasm");
    fs::rename(&done, &raw)?;
    say(format!(
        "Optimizing {:.1} MB of WebAssembly with wasm-opt (minutes; done again only when it changes)",
        megabytes(&raw)?
    ));
    let optimized = folder.join("optimized.wasm");
    run(Command::new("node")
        .arg(optimizer.join("bin/wasm-opt"))
        .args(WASM_OPT)
        .arg(&raw)
        .arg("-o")
        .arg(&optimized))?;
    fs::remove_file(&raw)?;
    fs::rename(&optimized, &done)?;
    Ok(folder)
}

fn megabytes(path: &Path) -> Result<f64> {
    Ok(fs::metadata(path)?.len() as f64 / 1e6)
}

/// Makes `to` hold exactly the files of `from` that are not hidden.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("{}: cannot be emptied", to.display()))?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
