//! The crate as WebAssembly: crate/ -> web/wasm/.
//!
//! Takes the crate's sources, gives `bertlet_wasm.js`, its types and `bertlet_wasm_bg.wasm`. Chooses the toolchain: the
//! one in use if it can build for wasm32, else the distribution's.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::process::{capture, cargo, foreign_cargo, on_path, run, run_within, say};
use crate::setup;

const TARGET: &str = "wasm32-unknown-unknown";
/// rustup gets this long to fetch some 20 MB, so that a machine that cannot reach its server does not hang.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);
/// Debian's toolchain for web browsers: compiler, cargo and the standard library's sources, all of one version.
const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];

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
        .current_dir(&place.root))?;
    bind(&bindgen, &made, &place.root.join("web/wasm"))
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

/// Makes `folder` hold exactly what wasm-bindgen makes of the compiled crate.
fn bind(bindgen: &Path, made: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{}: cannot be emptied", folder.display()))?;
    }
    run(Command::new(bindgen)
        .args(["--target", "web", "--out-name", "bertlet_wasm"])
        .args(["--remove-name-section", "--remove-producers-section"])
        .arg("--out-dir")
        .arg(folder)
        .arg(made))
}
